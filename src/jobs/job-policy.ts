/** Checks the numbers in `retry` and `timeoutMs` of a job. */

type Check = readonly [expectation: string, holds: (value: unknown) => boolean];

/** Timers of Node fire at once when their delay does not fit in 31 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const isFrom =
  (min: number, max = Number.MAX_VALUE) =>
  (value: unknown) =>
    typeof value === 'number' && value >= min && value <= max;

const RETRY_CHECKS: Readonly<Record<string, Check>> = {
  maxAttempts: [
    'a whole number from 1, or Infinity',
    (value) => value === Infinity || (isFrom(1)(value) && Number.isInteger(value)),
  ],
  initialBackoffMs: ['milliseconds from 0', isFrom(0)],
  base: ['a number from 1', isFrom(1)],
  maxBackoffMs: ['milliseconds from 0', isFrom(0)],
  jitter: ['a number from 0 to 1', isFrom(0, 1)],
  on: ["'retryable' or 'any'", (value) => value === 'retryable' || value === 'any'],
};

/** What is wrong with the job's policy; undefined when nothing is. */
export function policyProblem(job: Readonly<Record<string, unknown>>): string | undefined {
  return timeoutProblem(job['timeoutMs']) ?? retryProblem(job['retry']);
}

function timeoutProblem(timeoutMs: unknown): string | undefined {
  if (timeoutMs === undefined || isFrom(1, MAX_TIMER_MS)(timeoutMs)) return undefined;
  return `timeoutMs must be milliseconds from 1 to ${MAX_TIMER_MS}`;
}

function retryProblem(retry: unknown): string | undefined {
  if (retry === undefined) return undefined;
  if (typeof retry !== 'object' || retry === null || Array.isArray(retry)) return 'retry must be an object';
  for (const [key, value] of Object.entries(retry)) {
    const problem = retryFieldProblem(key, value);
    if (problem) return problem;
  }
  return undefined;
}

function retryFieldProblem(key: string, value: unknown): string | undefined {
  const check = Object.hasOwn(RETRY_CHECKS, key) ? RETRY_CHECKS[key] : undefined;
  if (!check) return `retry.${key} is unknown; known are ${Object.keys(RETRY_CHECKS).join(', ')}`;
  const [expectation, holds] = check;
  return value === undefined || holds(value) ? undefined : `retry.${key} must be ${expectation}`;
}
