import { BatchEndedError } from '../../errors/index.js';
import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import { idsOf, type Row } from '../rows.js';
import { lockBatches } from './count-in-batches.js';
import { ENDED_COLUMNS } from './ended-program.js';
import { forIds, type LineTables } from './line-tables.js';
import { openWaiting } from './open-lines.js';
import { countAsOpen } from './reenter.js';

/**
 * Lets those of these programs, all of lines, that ended errored go on from their step, with their retries counted
 * anew; resolves with how many there were.
 * @throws BatchEndedError where a batch of theirs is cancelled
 */
export function resumeLined(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<number> {
  return reopen(trx, t, ids, 'errored_at is not null and finished_at is null');
}

/**
 * The same for all that have ended, or are counted so as nobody has found yet that somebody took their end back.
 * @throws BatchEndedError where a batch of theirs is cancelled, also for those that have not ended
 */
export function reopenLined(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<number> {
  return reopen(trx, t, ids, `(coalesce(finished_at, errored_at) is not null or due_at <> ${GATED})`);
}

async function reopen(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
  condition: string,
): Promise<number> {
  const isMeant = `case when ${condition} then 1 else 0 end as is_meant`;
  const { text, values } = forIds(t, `select ${ENDED_COLUMNS}, ${isMeant} from ${t.programs}`, 'id', ids);
  const found = await trx.read(`${text} order by id ${t.terms.forUpdate}`, values);
  await assertNoneCancelled(trx, t, found);
  const rows = found.filter((row) => Number(row['is_meant']) === 1);
  if (rows.length === 0) return 0;
  const { nowMs: now, timestamp } = t.terms;
  const ended = idsOf(rows);
  const change = forIds(
    t,
    `update ${t.programs} set finished_at = null, errored_at = null, cancelled_at = null, step_retry_count = 0,
       lost_count = 0, fence = fence + 1, claimed_by = null, claimed_until = null, ready_at = ${now},
       due_at = ${GATED}, updated_at = ${timestamp}`,
    'id',
    ended,
  );
  await trx.run(change.text, change.values);
  for (const row of rows) await countAsOpen(trx, t, row);
  await openWaiting(trx, t, ended);
  return rows.length;
}

/** What is given back to a batch that is cancelled would wait for ever. */
async function assertNoneCancelled(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly Row[],
): Promise<void> {
  const ids = programs.flatMap((row) => (row['batch_id'] === null ? [] : Number(row['batch_id'])));
  for (const { code, status } of (await lockBatches(trx, t, [...new Set(ids)])).values())
    if (status === 'cancelled') throw new BatchEndedError(code, status);
}
