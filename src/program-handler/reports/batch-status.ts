/** What a batch is doing, as people see it. */
export const BATCH_STATUSES = [
  'pending',
  'running',
  'paused',
  'interrupted',
  'completed',
  'failed',
  'cancelled',
] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

export interface BatchCounts {
  readonly total: number;
  readonly waiting: number;
  readonly running: number;
  readonly finished: number;
  readonly errored: number;
  readonly cancelled: number;
  /** Retries so far, of all its programs. */
  readonly retried: number;
}

/** Programs that have ended, however they did. */
export function endedOf({ finished, errored, cancelled }: BatchCounts): number {
  return finished + errored + cancelled;
}

/** @param stored what the batch's row says: active, interrupted, completed or cancelled */
export function batchStatus(stored: string, isPaused: boolean, counts: BatchCounts): BatchStatus {
  if (stored === 'interrupted' || stored === 'cancelled') return stored;
  if (stored === 'completed') return counts.errored > 0 ? 'failed' : 'completed';
  if (isPaused) return 'paused';
  return counts.running > 0 || endedOf(counts) > 0 ? 'running' : 'pending';
}

/** True where nothing of the batch will run any more, unless somebody intervenes. */
export function isOver(status: BatchStatus, { running }: BatchCounts): boolean {
  if (status === 'interrupted') return running === 0;
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}
