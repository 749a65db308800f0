import type { GroupTransaction } from '../dialects/dialect.js';
import { createCallbacks } from './callbacks.js';
import { toCancelled } from './cancel-lined.js';
import { countInBatches } from './count-in-batches.js';
import type { LineTables } from './line-tables.js';

/** Tells the batch and the callback of a program that somebody has finished; resolves with the `runId`s of callbacks. */
export async function finishLined(trx: GroupTransaction, t: LineTables, id: number): Promise<string[]> {
  const rows = await trx.read(`select id, run_id, batch_id, options from ${t.programs} where id = ?`, [id]);
  const left = rows.map((row) => ({ ...toCancelled(row), left: 'finished' as const }));
  return [...(await createCallbacks(trx, t, left)), ...(await countInBatches(trx, t, left))];
}
