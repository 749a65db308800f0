import type { ProgramOptions } from '../../program/program-options.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { JsonColumns } from '../rows.js';
import { findLines } from './find-lines.js';
import type { LineTables } from './line-tables.js';

/**
 * A program that goes on from another step waits for its own pool again, and not for that of the job where it stood:
 * which pool its next job needs is known to the worker that claims it.
 */
export async function toOwnPool(trx: GroupTransaction, t: LineTables, id: number): Promise<void> {
  const [row] = await trx.read(
    `select p.options, l.batch_id, l.line_key, l.priority, q.name as pool
     from ${t.programs} p join ${t.lines} l on l.id = p.line_id join ${t.pools} q on q.id = l.pool_id
     where p.id = ?`,
    [id],
  );
  if (!row) return;
  const { pool = '' } = new JsonColumns(row).object('options') as ProgramOptions;
  if (pool === row['pool']) return;
  const batchId = Number(row['batch_id']);
  const owner = {
    pool,
    batchId: batchId === 0 ? null : batchId,
    key: String(row['line_key']),
    priority: Number(row['priority']),
  };
  const [line] = await findLines(trx, t, [owner]);
  await trx.run(`update ${t.programs} set line_id = ? where id = ?`, [line?.id, id]);
}
