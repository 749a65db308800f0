import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import type { ClaimedRow, Row } from '../rows.js';
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
    `select id, batch_id, cancelled_at from ${t.programs} where ${among.text} and ${mine} order by id ${t.terms.forUpdate}`,
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

export async function countAsOpen(trx: GroupTransaction, { batches }: LineTables, row: Row): Promise<void> {
  if (row['batch_id'] === null) return;
  const count = countOf(row);
  const status = `case when status = 'completed' then 'active' else status end`;
  await trx.run(`update ${batches} set ${count} = ${count} - 1, status = ${status} where id = ?`, [
    Number(row['batch_id']),
  ]);
}

function countOf(row: Row): string {
  if ((row['finished_at'] ?? null) !== null) return 'finished';
  return row['cancelled_at'] === null ? 'errored' : 'cancelled';
}
