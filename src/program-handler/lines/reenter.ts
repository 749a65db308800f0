import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import type { ClaimedRow, Row } from '../rows.js';
import { ENDED_COLUMNS, isCounted } from './ended-program.js';
import { forIds, type LineTables } from './line-tables.js';
import { openWaiting } from './open-lines.js';

/**
 * Programs that had ended, and whose end somebody has taken back by hand, were found as if they waited in no line:
 * they go back to theirs, and their batches count them as open again.
 */
export async function reenterLines(
  trx: GroupTransaction,
  t: LineTables,
  claimed: readonly ClaimedRow[],
): Promise<void> {
  const ids = claimed.map(({ id }) => id);
  const holders = [...new Set(claimed.map(({ claimedBy }) => claimedBy))];
  const mine = `claimed_by in (${holders.map(() => '?').join(', ')})`;
  const among = t.terms.among('id', ids);
  const rows = await trx.read(
    `select ${ENDED_COLUMNS} from ${t.programs} where ${among.text} and ${mine} order by id ${t.terms.forUpdate}`,
    [...among.values, ...holders],
  );
  const { text, values } = forIds(
    t,
    `update ${t.programs} set ready_at = due_at, due_at = ${GATED}, cancelled_at = null,
       claimed_by = null, claimed_until = null`,
    'id',
    ids,
  );
  await trx.run(`${text} and ${mine}`, [...values, ...holders]);
  for (const row of rows) await countAsOpen(trx, t, row);
  await openWaiting(trx, t, ids);
}

/** Its batch counts a program as open again that had ended as this row says. */
export async function countAsOpen(trx: GroupTransaction, { batches }: LineTables, row: Row): Promise<void> {
  if (row['batch_id'] === null || !isCounted(row)) return;
  const count = countOf(row);
  const status = `case when status = 'completed' then 'active' else status end`;
  // The first of them, as MySQL heeds their order: an error that counts no more makes no room for another.
  const before =
    'errored_before = case when errored_before < errored then errored_before else errored - 1 end, ';
  const changes = `${count === 'errored' ? before : ''}${count} = ${count} - 1, status = ${status}`;
  await trx.run(`update ${batches} set ${changes} where id = ?`, [Number(row['batch_id'])]);
}

function countOf(row: Row): 'finished' | 'errored' | 'cancelled' {
  if (row['finished_at'] !== null) return 'finished';
  return row['cancelled_at'] === null ? 'errored' : 'cancelled';
}
