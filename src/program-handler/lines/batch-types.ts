import type { InterruptionCriteria } from '../../program/interruption.js';
import type { CompletionCallback } from '../../program/program-options.js';
import type { Row } from '../rows.js';
import type { BatchCounts, BatchStatus } from './batch-row.js';

/** A batch that is to be made. */
export interface NewBatch {
  readonly code: string;
  readonly type: string | null;
  /** JSON, or null. */
  readonly metadata: string | null;
  readonly criteria: InterruptionCriteria;
  readonly onComplete: CompletionCallback | undefined;
}

/** Which batches a list has; newest first. */
export interface BatchFilter {
  readonly type?: string | undefined;
  readonly status?: BatchStatus | undefined;
  readonly limit: number;
}

/** An interruption of a batch, as its row says. */
export interface InterruptionRow {
  readonly reason: string;
  readonly message: string;
  readonly statistics: BatchCounts;
  readonly createdAtMs: number;
}

export function toInterruption(row: Row): InterruptionRow {
  return {
    reason: String(row['reason']),
    message: String(row['message']),
    statistics: JSON.parse(String(row['statistics'])) as BatchCounts,
    createdAtMs: Number(row['created_at']),
  };
}
