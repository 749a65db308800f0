import type { Interruption } from '../../program/interruption.js';
import { cut } from '../../errors/index.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { BatchRow } from './batch-row.js';
import type { LineTables } from './line-tables.js';

const MAX_MESSAGE = 255;

/** Stops further claims of a batch, whose row must be locked, and writes down why. */
export async function interruptBatch(
  trx: GroupTransaction,
  t: LineTables,
  batch: BatchRow,
  { reason, message }: Interruption,
): Promise<void> {
  await trx.run(`update ${t.batches} set status = 'interrupted' where id = ?`, [batch.id]);
  await waitForClaims(trx, t, batch.id);
  await trx.run(
    `insert into ${t.interruptions} (batch_id, reason, message, statistics, created_at)
     values (?, ?, ?, ?, ${t.terms.nowMs})`,
    [batch.id, reason, cut(message, MAX_MESSAGE), JSON.stringify(batch.counts)],
  );
}

/**
 * For a batch whose row was locked to stop it: what claims that were under way have taken runs by then, and no claim
 * takes more before the transaction ends.
 */
export async function waitForClaims(
  trx: GroupTransaction,
  { lines, terms }: LineTables,
  batchId: number,
): Promise<void> {
  await trx.read(`select id from ${lines} where batch_id = ? order by id ${terms.forUpdate}`, [batchId]);
}
