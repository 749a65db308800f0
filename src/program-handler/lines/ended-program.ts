import type { CompletionCallback } from '../../program/program-options.js';
import { GATED } from '../dialects/dialect.js';
import type { Row } from '../rows.js';

/** A program of a line that has just ended, or an attempt of it that failed: what its batch counts. */
export interface LeftProgram {
  readonly runId: string;
  readonly batchId: number | null;
  /** 'held': a service takes no more for now. */
  readonly left: 'finished' | 'errored' | 'cancelled' | 'retried' | 'held' | 'waiting';
  /** Of its last failure; null when it did not fail. */
  readonly message: string | null;
  /** Of its last attempt, in milliseconds. */
  readonly durationMs: number;
  /** JSON of what its last job returned. */
  readonly result: string | null;
  readonly onComplete: CompletionCallback | undefined;
}

/** What tells of a program of a line whether it has ended, how, and whether that was counted. */
export const ENDED_COLUMNS = 'id, run_id, batch_id, options, due_at, finished_at, errored_at, cancelled_at';

/** Its batch and its callback know of its end: whoever ended it by hand has left its `due_at` as it was. */
export function isCounted(row: Row): boolean {
  return Number(row['due_at']) !== GATED;
}
