import { monotonicMs } from '../../program/monotonic-clock.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { progressOf } from '../poll-progress.js';
import { numberOrNull, type Row } from '../rows.js';
import type { LineTables } from './line-tables.js';

/** What a count of a pool's slots has found. */
export interface Counted {
  readonly running: number;
  /** The lowest number of a slot without a key; null: there is none, or slots have no numbers. */
  readonly firstId: number | null;
  /** The number from which on it was counted. */
  readonly from: number;
  readonly tookMs: number;
}

/** Where it does not matter how many programs run. */
export const UNCOUNTED: Counted = { running: 0, firstId: null, from: 0, tookMs: 0 };

/** The programs of a pool that run. What it finds is true while the pool's row is locked. */
export async function runningIn(trx: GroupTransaction, t: LineTables, poolId: number): Promise<Counted> {
  const from = progressOf(t.counted, poolId).from(monotonicMs());
  const { text, values } = t.terms.numbersSlots ? countFromSql(t, poolId, from) : countSql(t, poolId);
  const [row = {}] = await trx.read(text, values);
  return {
    running: Number(row['running']),
    firstId: numberOrNull(row['first_id']),
    from,
    tookMs: Number(row['took_ms'] ?? 0),
  };
}

/**
 * The next count begins with the first slot that there is. The pool's row must have been locked before the count, and
 * be so still: whoever claims in a pool with limits has it, so that all that is taken later has a higher number.
 */
export function noteTaken(
  { counted }: LineTables,
  poolId: number,
  { firstId, from, tookMs }: Counted,
  claimed: readonly Row[],
): void {
  const first = firstId ?? numberOrNull(claimed[0]?.['first_slot']);
  const nowMs = monotonicMs();
  if (first !== null) progressOf(counted, poolId).goOnFrom(first, { from, sentAtMs: nowMs - tookMs }, nowMs);
}

function countSql({ slots }: LineTables, poolId: number): Fragment {
  return { text: `select count(*) as running from ${slots} where pool_id = ?`, values: [poolId] };
}

/** Those with a key are in an index of their own, by that. It takes no account of how long the lock was waited for. */
function countFromSql({ slots }: LineTables, poolId: number, from: number): Fragment {
  const text = `
    select plain.running + keyed.running as running, plain.first_id,
      extract(epoch from clock_timestamp() - statement_timestamp()) * 1000 as took_ms
    from
      (select count(*) as running, min(id) as first_id from ${slots}
       where pool_id = ? and line_key = '' and id >= ?) plain,
      (select count(*) as running from ${slots} where pool_id = ? and line_key <> '') keyed`;
  return { text, values: [poolId, from, poolId] };
}
