import type { GroupTransaction } from '../dialects/dialect.js';
import type { Row } from '../rows.js';
import { createCallbacks } from './callbacks.js';
import { toCancelled } from './cancel-lined.js';
import { countInBatches } from './count-in-batches.js';
import type { LineTables } from './line-tables.js';
import { countAsOpen } from './reenter.js';

/** Settles a program of a line whose last step was skipped; resolves with the `runId`s of its callbacks. */
export async function finishLined(trx: GroupTransaction, t: LineTables, id: number): Promise<string[]> {
  const left = (await readProgram(trx, t, id)).map((row) => ({
    ...toCancelled(row),
    left: 'finished' as const,
  }));
  return [...(await createCallbacks(trx, t, left)), ...(await countInBatches(trx, t, left))];
}

/** The batch of a finished program, which is to start again, counts it as open. */
export async function reopenFinished(trx: GroupTransaction, t: LineTables, id: number): Promise<void> {
  for (const row of await readProgram(trx, t, id)) await countAsOpen(trx, t, row);
}

function readProgram(trx: GroupTransaction, t: LineTables, id: number): Promise<readonly Row[]> {
  const columns = 'id, run_id, batch_id, options, cancelled_at, finished_at';
  return trx.read(`select ${columns} from ${t.programs} where id = ?`, [id]);
}
