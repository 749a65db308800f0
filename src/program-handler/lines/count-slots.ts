import { monotonicMs } from '../../program/monotonic-clock.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { PollProgress } from '../poll-progress.js';
import type { Row } from '../rows.js';
import type { LineTables } from './line-tables.js';

/**
 * The programs of a pool that run. The pool's row must be locked: who claims in a pool with limits has it, so that
 * all that is taken later has a higher number than what is counted now.
 */
export async function runningIn(trx: GroupTransaction, t: LineTables, poolId: number): Promise<number> {
  const { text, values } = t.terms.numbersSlots ? countFromSql(t, poolId) : countSql(t, poolId);
  const [row] = await trx.read(text, values);
  goOnFrom(t, poolId, row?.['first_id']);
  return Number(row?.['running']);
}

/** What a claim has taken is all there is to count the next time, unless there was more. */
export function noteTaken(t: LineTables, poolId: number, running: number, claimed: readonly Row[]): void {
  if (running === 0) goOnFrom(t, poolId, claimed[0]?.['first_slot']);
}

function goOnFrom({ counted }: LineTables, poolId: number, slotId: unknown): void {
  if (slotId !== null && slotId !== undefined) counted.get(poolId)?.goOnFrom(Number(slotId), monotonicMs());
}

function countSql({ slots }: LineTables, poolId: number): Fragment {
  return { text: `select count(*) as running from ${slots} where pool_id = ?`, values: [poolId] };
}

/** Those with a key are in an index of their own, by that. */
function countFromSql(t: LineTables, poolId: number): Fragment {
  const text = `
    select plain.running + keyed.running as running, plain.first_id from
      (select count(*) as running, min(id) as first_id from ${t.slots}
       where pool_id = ? and line_key = '' and id >= ?) plain,
      (select count(*) as running from ${t.slots} where pool_id = ? and line_key <> '') keyed`;
  return { text, values: [poolId, progressOf(t, poolId).from(monotonicMs()), poolId] };
}

function progressOf({ counted }: LineTables, poolId: number): PollProgress {
  const known = counted.get(poolId) ?? new PollProgress();
  counted.set(poolId, known);
  return known;
}
