import type { Line } from './line.js';
import type { ProgramOptions } from './program-options.js';

/** A program as the worker that claimed it holds it. */
export interface ClaimedProgram {
  readonly id: number;
  readonly runId: string;
  readonly jobs: readonly string[];
  readonly programData: Record<string, unknown>;
  /** By job name. */
  readonly jobData: Record<string, Record<string, unknown>>;
  /** Index of the current job. */
  readonly step: number;
  /** Counted retries of the current job. */
  readonly stepRetryCount: number;
  /** Claims in a row on this step whose worker never came back. */
  readonly lostCount: number;
  /** Grows with every claim; names this one in every later write. */
  readonly fence: number;
  readonly claimedBy: string;
  /** When the claim was sent, by this process's monotonic clock: the lease counts from there. */
  readonly claimedAtMs: number;
  /** Where it waits; left out: it has nothing that would make it wait in a line. */
  readonly line?: Line;
  readonly options?: ProgramOptions;
  /** What of its row could not be read, and counts as empty: it cannot be run. */
  readonly fault?: string;
  /** It was not to be started any more when it was claimed. */
  readonly isExpired?: boolean;
  /** What its batch says that an attempt may take, in milliseconds. */
  readonly jobTimeoutMs?: number;
}

/** A program as it is read for people, JSON parsed. */
export interface ProgramView {
  runId: string;
  jobs: string[];
  programData: Record<string, unknown>;
  jobData: Record<string, Record<string, unknown>>;
  step: number;
  stepRetryCount: number;
  finishedAt: Date | null;
  erroredAt: Date | null;
  errorMessage: string | null;
  createdAt: Date | null;
  updatedAt: Date | null;
}

/** A run of one job, as its row in the attempts table keeps it. */
export interface Attempt {
  readonly step: number;
  readonly job: string;
  /** From 1; attempts that do not count (yielded, stopped) share the number of the one that does. */
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly worker: string;
  readonly durationMs: number;
  /** JSON of an ErrorRecord. */
  readonly error: string | null;
  /** JSON. */
  readonly result: string | null;
}

export type AttemptOutcome =
  'succeeded' | 'retried' | 'failed' | 'ignored' | 'yielded' | 'stopped' | 'deferred' | 'skipped';
