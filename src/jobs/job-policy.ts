import { isIdentifier } from '../program/names.js';
import { retryProblem } from '../program/retry-problem.js';

/** Timers of Node fire at once when their delay does not fit in 31 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** What is wrong with `retry`, `timeoutMs` or `pool` of a job; undefined when nothing is. */
export function policyProblem(job: Readonly<Record<string, unknown>>): string | undefined {
  return timeoutProblem(job['timeoutMs']) ?? problemOfRetry(job['retry']) ?? problemOfPool(job['pool']);
}

function timeoutProblem(timeoutMs: unknown): string | undefined {
  if (timeoutMs === undefined) return undefined;
  if (typeof timeoutMs === 'number' && timeoutMs >= 1 && timeoutMs <= MAX_TIMER_MS) return undefined;
  return `timeoutMs must be milliseconds from 1 to ${MAX_TIMER_MS}`;
}

function problemOfRetry(retry: unknown): string | undefined {
  const problem = retryProblem(retry);
  return problem && `${problem.key}: ${problem.problem}`;
}

function problemOfPool(pool: unknown): string | undefined {
  return pool === undefined || isIdentifier(pool) ? undefined : 'pool must be the name of a pool';
}
