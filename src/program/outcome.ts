import { YEAR_MS } from './durations.js';
import { hasMarker, readProperty, toErrorRecord, type ErrorRecord } from '../errors/index.js';

/** How a job ended, as one value. A lost lease is no outcome: whoever lost it decides nothing. */
export type Outcome =
  | { kind: 'succeeded'; result: string | null }
  | FailedOutcome
  /** `checkpoint` ran out of time, or the job asked for its turn to end. */
  | { kind: 'yielded' }
  /** The worker is stopping. */
  | { kind: 'stopped' }
  /** The worker was stopping already when it claimed the program, or held it for too long without a renewal. */
  | { kind: 'notStarted' }
  | UnknownJobOutcome
  /** Its workers died on this step before, and another such program runs in this worker. */
  | { kind: 'suspect' }
  /** Its workers died on this step too often. */
  | { kind: 'lostTooOften'; losses: number }
  /** Its job runs in this pool, where the program holds no slot. */
  | { kind: 'wrongPool'; pool: string }
  /** It was not to be started any more. */
  | { kind: 'expired' }
  /** Its row holds what is no program. */
  | { kind: 'unreadable'; fault: string };

export interface FailedOutcome {
  kind: 'failed';
  /** As it was thrown, for those who listen. */
  thrown: unknown;
  error: ErrorRecord;
  severity: 'plain' | 'retryable' | 'ignorable' | 'nonRetryable' | 'rateLimited';
  /** What the error itself asks for. */
  retryAfterMs?: number;
}

export interface UnknownJobOutcome {
  kind: 'unknownJob';
  knownJobs: readonly string[];
  /** How often this step was deferred before, in a row. */
  deferrals: number;
  /** Since the first of them, in milliseconds. */
  waitedMs: number;
}

/** The outcome of a job that threw `thrown`, which may be anything at all. */
export function outcomeOfThrown(thrown: unknown): Outcome {
  if (hasMarker(thrown, 'executionTimeExceeded')) return { kind: 'yielded' };
  const outcome: FailedOutcome = {
    kind: 'failed',
    thrown,
    error: toErrorRecord(thrown),
    severity: severityOf(thrown),
  };
  const retryAfterMs = readProperty(thrown, 'retryAfterMs');
  if (isDelay(retryAfterMs)) outcome.retryAfterMs = retryAfterMs;
  return outcome;
}

function severityOf(thrown: unknown): FailedOutcome['severity'] {
  if (hasMarker(thrown, 'nonRetryable')) return 'nonRetryable';
  if (hasMarker(thrown, 'rateLimited')) return 'rateLimited';
  if (hasMarker(thrown, 'retryable')) return 'retryable';
  if (hasMarker(thrown, 'ignorable')) return 'ignorable';
  return isCausedByNonRetryable(thrown) ? 'nonRetryable' : 'plain';
}

/** Causes may go in a circle. */
const MAX_CAUSES = 10;

/** Whether the nearest cause that is marked at all, as a call further down threw it, is not to be repeated. */
function isCausedByNonRetryable(thrown: unknown): boolean {
  let cause = readProperty(thrown, 'cause');
  for (let depth = 0; depth < MAX_CAUSES; depth += 1) {
    if (hasMarker(cause, 'nonRetryable')) return true;
    if (hasMarker(cause, 'retryable') || hasMarker(cause, 'ignorable')) return false;
    cause = readProperty(cause, 'cause');
  }
  return false;
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= YEAR_MS;
}
