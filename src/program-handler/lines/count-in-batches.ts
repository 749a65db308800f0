import { interruptionOf } from '../../program/interruption.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { openIn, toBatchRow, type BatchRow } from './batch-row.js';
import { createCallbackPrograms } from './callbacks.js';
import type { LeftProgram } from './ended-program.js';
import { interruptBatch } from './interrupt-batch.js';
import type { LineTables } from './line-tables.js';
import { tallied, type Added } from './tally.js';

/**
 * Counts programs that have left, each in its batch: which completes with its last one, or is interrupted by the
 * first criterion that is met. Resolves with the `runId`s of the callbacks that were created.
 */
export async function countInBatches(
  trx: GroupTransaction,
  t: LineTables,
  left: readonly LeftProgram[],
): Promise<string[]> {
  const byBatch = new Map<number, LeftProgram[]>();
  for (const program of left) {
    if (program.batchId === null || program.left === 'waiting') continue;
    const others = byBatch.get(program.batchId);
    if (others) others.push(program);
    else byBatch.set(program.batchId, [program]);
  }
  const created: string[] = [];
  for (const [id, programs] of [...byBatch].sort(([a], [b]) => a - b))
    created.push(...(await countInBatch(trx, t, id, programs)));
  return created;
}

async function countInBatch(
  trx: GroupTransaction,
  t: LineTables,
  id: number,
  left: readonly LeftProgram[],
): Promise<string[]> {
  const batch = await lockBatch(trx, t, id);
  if (!batch) return [];
  const added = tallied(batch, left);
  await writeCounts(trx, t, batch, added);
  const after = { ...batch, counts: added.counts };
  if (isComplete(after)) return completeBatch(trx, t, after);
  const interruption = batch.status === 'active' ? interruptionOf(batch.criteria, added.tally) : undefined;
  if (interruption) await interruptBatch(trx, t, after, interruption);
  return [];
}

/** Its row, which nobody else changes before the transaction ends. */
export async function lockBatch(
  trx: GroupTransaction,
  { batches, terms }: LineTables,
  id: number,
): Promise<BatchRow | undefined> {
  const text = `select b.*, ${terms.nowMs} as now_ms from ${batches} b where id = ? ${terms.forUpdate}`;
  const [row] = await trx.read(text, [id]);
  return row && toBatchRow(row);
}

async function writeCounts(
  trx: GroupTransaction,
  { batches }: LineTables,
  { id }: BatchRow,
  { counts, streaks }: Added,
): Promise<void> {
  await trx.run(
    `update ${batches} set finished = ?, errored = ?, cancelled = ?, retried = ?,
       consecutive_errors = ?, rate_limit_hits = ?, server_errors = ? where id = ?`,
    [
      counts.finished,
      counts.errored,
      counts.cancelled,
      counts.retried,
      streaks.consecutiveErrors,
      streaks.rateLimitHits,
      streaks.serverErrors,
      id,
    ],
  );
}

/** All have ended, and no more are being added. */
export function isComplete({ counts, isSealed, status }: BatchRow): boolean {
  return isSealed && openIn(counts) === 0 && (status === 'active' || status === 'interrupted');
}

/** Its row must be locked. Its callback is created once, also where more programs were added since. */
export async function completeBatch(
  trx: GroupTransaction,
  t: LineTables,
  { id, code, onComplete, counts, completedAtMs }: BatchRow,
): Promise<string[]> {
  await trx.run(
    `update ${t.batches} set status = 'completed', completed_at = coalesce(completed_at, ${t.terms.nowMs}) where id = ?`,
    [id],
  );
  if (!onComplete || completedAtMs !== null) return [];
  const result = { kind: 'success', returnValue: counts } as const;
  return createCallbackPrograms(trx, t, [{ callback: onComplete, runId: code, result }]);
}
