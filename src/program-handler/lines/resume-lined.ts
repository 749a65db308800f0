import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import { idsOf } from '../rows.js';
import { ENDED_COLUMNS } from './ended-program.js';
import { forIds, type LineTables } from './line-tables.js';
import { openWaiting } from './open-lines.js';
import { countAsOpen } from './reenter.js';

/**
 * Lets those of these programs, all of lines, that ended errored go on from their step, with their retries counted
 * anew; resolves with how many there were.
 */
export function resumeLined(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<number> {
  return reopen(trx, t, ids, 'errored_at is not null and finished_at is null');
}

/** The same for all that have ended, or are counted so as nobody has found yet that somebody took their end back. */
export function reopenLined(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<number> {
  return reopen(trx, t, ids, `(coalesce(finished_at, errored_at) is not null or due_at <> ${GATED})`);
}

async function reopen(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
  condition: string,
): Promise<number> {
  const { text, values } = forIds(t, `select ${ENDED_COLUMNS} from ${t.programs}`, 'id', ids);
  const rows = await trx.read(`${text} and ${condition} order by id ${t.terms.forUpdate}`, values);
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
