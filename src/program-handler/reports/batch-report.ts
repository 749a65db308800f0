import {
  batchErrors,
  batchInterruptions,
  batchRetries,
  batchTiming,
  type BatchRetries,
  type BatchTiming,
  type Interruption,
} from './batch-details.js';
import { endedOf } from './batch-status.js';
import type { BatchSummary } from './batches.js';
import type { ErrorPattern } from './error-patterns.js';
import type { ReportSource } from './report-source.js';
import { stuckInBatch, type StuckProgram } from './stuck-programs.js';

/** All that is to be said about a batch. */
export interface BatchReport {
  readonly batch: BatchSummary;
  readonly timing: BatchTiming;
  /** Programs that ended, from the first start to the last end. */
  readonly throughputPerSecond: number | null;
  readonly retries: BatchRetries;
  readonly errors: readonly ErrorPattern[];
  readonly interruptions: readonly Interruption[];
  readonly stuck: readonly StuckProgram[];
}

/** Reads the programs of the batch once and their attempts once: its time grows with the batch. */
export async function batchReport(
  source: ReportSource,
  batch: BatchSummary,
  limitErrors: number,
): Promise<BatchReport> {
  const timing = await batchTiming(source, batch.id);
  return {
    batch,
    timing,
    throughputPerSecond: throughput(endedOf(batch.counts), timing),
    retries: await batchRetries(source, batch.id),
    errors: await batchErrors(source, batch.id, limitErrors),
    interruptions: await batchInterruptions(source, batch.id),
    stuck: await stuckInBatch(source, batch.id),
  };
}

function throughput(ended: number, { firstStartedAt, lastEndedAt }: BatchTiming): number | null {
  if (!firstStartedAt || !lastEndedAt || lastEndedAt <= firstStartedAt) return null;
  return ended / ((lastEndedAt.getTime() - firstStartedAt.getTime()) / 1_000);
}
