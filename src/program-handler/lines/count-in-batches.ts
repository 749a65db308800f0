import { interruptionOf } from '../../program/interruption.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { openIn, toBatchRow, type BatchRow } from './batch-row.js';
import { createCallbackPrograms } from './callbacks.js';
import type { LeftProgram } from './ended-program.js';
import { interruptBatch } from './interrupt-batch.js';
import { forIds, type LineTables } from './line-tables.js';
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
  return countInLocked(trx, t, left, await lockBatches(trx, t, batchesOf(left)));
}

/** The same in batches that are locked already. */
export async function countInLocked(
  trx: GroupTransaction,
  t: LineTables,
  left: readonly LeftProgram[],
  batches: ReadonlyMap<number, BatchRow>,
): Promise<string[]> {
  const created: string[] = [];
  for (const batch of batches.values()) {
    const programs = left.filter((program) => program.batchId === batch.id && isCounted(program));
    if (programs.length > 0) created.push(...(await countInBatch(trx, t, batch, programs)));
  }
  return created;
}

/** The ids of the batches that count these. */
export function batchesOf(left: readonly LeftProgram[]): number[] {
  return [...new Set(left.flatMap((program) => (isCounted(program) ? (program.batchId ?? []) : [])))];
}

function isCounted({ left }: LeftProgram): boolean {
  return left !== 'waiting';
}

async function countInBatch(
  trx: GroupTransaction,
  t: LineTables,
  batch: BatchRow,
  left: readonly LeftProgram[],
): Promise<string[]> {
  const added = tallied(batch, left);
  await writeCounts(trx, t, batch, added);
  const after = { ...batch, counts: added.counts };
  if (isComplete(after)) return completeBatch(trx, t, after);
  const interruption = batch.status === 'active' ? interruptionOf(batch.criteria, added.tally) : undefined;
  if (interruption) await interruptBatch(trx, t, after, interruption);
  return [];
}

/** Their rows by their ids, in that order, which nobody else changes before the transaction ends. */
export async function lockBatches(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
): Promise<ReadonlyMap<number, BatchRow>> {
  if (ids.length === 0) return new Map();
  const { text, values } = forIds(t, `select b.*, ${t.terms.nowMs} as now_ms from ${t.batches} b`, 'id', ids);
  const rows = await trx.read(`${text} order by id ${t.terms.forUpdate}`, values);
  return new Map(rows.map(toBatchRow).map((batch) => [batch.id, batch]));
}

export async function lockBatch(
  trx: GroupTransaction,
  t: LineTables,
  id: number,
): Promise<BatchRow | undefined> {
  return (await lockBatches(trx, t, [id])).get(id);
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
