import type { Interruption } from '../../program/interruption.js';
import { cut } from '../../errors/index.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { BatchRow } from './batch-row.js';
import type { LineTables } from './line-tables.js';

const MAX_MESSAGE = 255;

/**
 * Stops further claims of a batch, whose row must be locked, and writes down why. Waits for those that are under way:
 * what they have claimed runs by then, and nobody claims more.
 */
export async function interruptBatch(
  trx: GroupTransaction,
  t: LineTables,
  batch: BatchRow,
  { reason, message }: Interruption,
): Promise<void> {
  await trx.run(`update ${t.batches} set status = 'interrupted' where id = ?`, [batch.id]);
  await trx.read(`select id from ${t.lines} where batch_id = ? order by id ${t.terms.forUpdate}`, [batch.id]);
  await trx.run(
    `insert into ${t.interruptions} (batch_id, reason, message, statistics, created_at)
     values (?, ?, ?, ?, ${t.terms.nowMs})`,
    [batch.id, reason, cut(message, MAX_MESSAGE), JSON.stringify(batch.counts)],
  );
}
