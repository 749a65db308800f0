/** When a batch stops by itself; what is left out does not count. */
export interface InterruptionCriteria {
  /** More than this part of all its programs ended errored; 0 to 1. */
  maxErrorRate?: number;
  /** So many ended errored. */
  maxErrored?: number;
  /** So many in a row ended errored; a retry is no error, and one that finishes begins anew. */
  maxConsecutiveErrors?: number;
  /** So many attempts failed with an error that tells of a rate limit (429), or called `context.rateLimited`. */
  maxRateLimitHits?: number;
  /** So many attempts failed with an error that tells of a server out of order (502, 503). */
  maxServerErrors?: number;
  /** A failed attempt took longer, in milliseconds. */
  jobTimeoutMs?: number;
  /** The batch has been running for longer, in milliseconds. */
  maxRuntimeMs?: number;
}

export type InterruptionReason =
  | 'runtime_exceeded'
  | 'job_timeout'
  | 'consecutive_errors'
  | 'rate_limit_hits'
  | 'server_errors'
  | 'errored'
  | 'error_rate'
  | 'manual';

/** What the criteria are held against: since the batch was created or last resumed. */
export interface BatchTally {
  readonly total: number;
  readonly errored: number;
  /** The longest row of errors that there was since the last look. */
  readonly consecutiveErrors: number;
  readonly rateLimitHits: number;
  readonly serverErrors: number;
  /** Of the failed attempt that took longest since the last look. */
  readonly longestFailureMs: number;
  readonly runtimeMs: number;
}

export interface Interruption {
  readonly reason: InterruptionReason;
  readonly message: string;
}

type Limit = number | undefined;

/** The first criterion that is met, in the order of TEM; undefined when none is. */
export function interruptionOf(criteria: InterruptionCriteria, tally: BatchTally): Interruption | undefined {
  const { total, errored } = tally;
  const rate = total === 0 ? 0 : errored / total;
  const of = `${errored} of ${total} programs`;
  return (
    above('runtime_exceeded', 'ms of runtime', tally.runtimeMs, criteria.maxRuntimeMs) ??
    above('job_timeout', 'ms in a failed attempt', tally.longestFailureMs, criteria.jobTimeoutMs) ??
    reached(
      'consecutive_errors',
      'errors in a row',
      tally.consecutiveErrors,
      criteria.maxConsecutiveErrors,
    ) ??
    reached('rate_limit_hits', 'rate limit errors', tally.rateLimitHits, criteria.maxRateLimitHits) ??
    reached('server_errors', 'server errors', tally.serverErrors, criteria.maxServerErrors) ??
    reached('errored', 'programs errored', errored, criteria.maxErrored) ??
    above('error_rate', `of the programs errored (${of})`, rate, criteria.maxErrorRate)
  );
}

function above(reason: InterruptionReason, what: string, value: number, limit: Limit) {
  if (limit === undefined || value <= limit) return undefined;
  return { reason, message: `${round(value)} ${what}, more than ${limit}` };
}

function reached(reason: InterruptionReason, what: string, value: number, limit: Limit) {
  if (limit === undefined || value < limit) return undefined;
  return { reason, message: `${value} ${what}, the limit is ${limit}` };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** It takes no more for now, or is out of order. */
export type ServiceFault = 'rateLimit' | 'server';

/** What the text of an error tells of the service that a job called. */
export function faultOfService(message: string): ServiceFault | undefined {
  if (/\b429\b|rate.?limit/i.test(message)) return 'rateLimit';
  if (/\b50[23]\b|bad gateway|service unavailable/i.test(message)) return 'server';
  return undefined;
}
