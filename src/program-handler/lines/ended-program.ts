import type { CompletionCallback } from '../../program/program-options.js';

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
