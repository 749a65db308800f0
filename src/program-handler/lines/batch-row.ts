import type { InterruptionCriteria } from '../../program/interruption.js';
import type { CompletionCallback } from '../../program/program-options.js';
import { numberOrNull, parseJson, textOrNull, type Row } from '../rows.js';

export type BatchStatus = 'active' | 'interrupted' | 'completed' | 'cancelled';

/** A batch as its row says. */
export interface BatchRow {
  readonly id: number;
  readonly code: string;
  readonly type: string | null;
  readonly metadata: unknown;
  readonly criteria: InterruptionCriteria;
  readonly onComplete: CompletionCallback | undefined;
  readonly status: BatchStatus;
  readonly isPaused: boolean;
  readonly counts: BatchCounts;
  readonly streaks: BatchStreaks;
  /** How many had ended errored when it was last resumed. */
  readonly erroredBefore: number;
  readonly isSealed: boolean;
  readonly createdAtMs: number;
  readonly resumedAtMs: number | null;
  readonly completedAtMs: number | null;
  /** The database clock when it was read. */
  readonly nowMs: number;
}

export interface BatchCounts {
  readonly total: number;
  readonly finished: number;
  readonly errored: number;
  readonly cancelled: number;
  readonly retried: number;
}

/** Since it was last resumed. */
export interface BatchStreaks {
  readonly consecutiveErrors: number;
  readonly rateLimitHits: number;
  readonly serverErrors: number;
}

export function toBatchRow(row: Row): BatchRow {
  const count = (column: string) => Number(row[column]);
  return {
    id: count('id'),
    code: String(row['code']),
    type: textOrNull(row['type']),
    metadata: parseJson(row['metadata'], null),
    criteria: parseJson(row['interruption'], {}) as InterruptionCriteria,
    onComplete: parseJson(row['on_complete'], undefined) as CompletionCallback | undefined,
    status: String(row['status']) as BatchStatus,
    isPaused: count('is_paused') === 1,
    counts: {
      total: count('total'),
      finished: count('finished'),
      errored: count('errored'),
      cancelled: count('cancelled'),
      retried: count('retried'),
    },
    streaks: {
      consecutiveErrors: count('consecutive_errors'),
      rateLimitHits: count('rate_limit_hits'),
      serverErrors: count('server_errors'),
    },
    erroredBefore: count('errored_before'),
    isSealed: row['sealed_at'] !== null,
    createdAtMs: count('created_at'),
    resumedAtMs: numberOrNull(row['resumed_at']),
    completedAtMs: numberOrNull(row['completed_at']),
    nowMs: count('now_ms'),
  };
}

/** Programs that have not ended. */
export function openIn({ total, finished, errored, cancelled }: BatchCounts): number {
  return total - finished - errored - cancelled;
}

/**
 * With what waits and what runs. The counts and what runs are read one after the other: what has ended since is
 * counted as ended alone, so that all adds up to the total.
 */
export function withOpen(
  counts: BatchCounts,
  running: number,
): BatchCounts & { waiting: number; running: number } {
  const open = Math.max(0, openIn(counts));
  const stillRunning = Math.min(running, open);
  const { total, ...others } = counts;
  return { total, waiting: open - stillRunning, running: stillRunning, ...others };
}
