import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import type { ClaimedRow, Row } from '../rows.js';
import { ENDED_COLUMNS, isCounted } from './ended-program.js';
import { forIds, reactivating, type LineTables } from './line-tables.js';
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
export async function countAsOpen(trx: GroupTransaction, t: LineTables, row: Row): Promise<void> {
  if (row['batch_id'] !== null && isCounted(row))
    await takeOff(trx, t, Number(row['batch_id']), countOf(row));
}

/** The same for programs whose batches count them as cancelled, though somebody has taken that back by hand. */
export async function countAsUncancelled(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
): Promise<void> {
  const find = forIds(t, `select batch_id from ${t.programs}`, 'id', ids);
  const rows = await trx.read(`${find.text} and batch_id is not null order by batch_id`, find.values);
  const { text, values } = forIds(t, `update ${t.programs} set cancelled_at = null`, 'id', ids);
  await trx.run(text, values);
  for (const row of rows) await takeOff(trx, t, Number(row['batch_id']), 'cancelled');
}

type Count = 'finished' | 'errored' | 'cancelled';

async function takeOff(trx: GroupTransaction, t: LineTables, batchId: number, count: Count): Promise<void> {
  const errored = count === 'errored' ? 'errored - 1' : 'errored';
  await trx.run(`update ${t.batches} set ${reactivating(t, errored)}, ${count} = ${count} - 1 where id = ?`, [
    batchId,
  ]);
}

function countOf(row: Row): Count {
  if (row['finished_at'] !== null) return 'finished';
  return row['cancelled_at'] === null ? 'errored' : 'cancelled';
}
