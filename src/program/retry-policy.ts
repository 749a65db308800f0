/**
 * How the delay after a failed attempt follows from `initialBackoffMs`, n being the attempt that failed, from 1:
 *
 * - `exponential`: `initialBackoffMs * base ** (n - 1)`: 1, 2, 4, 8 s with the defaults;
 * - `fixed`: `initialBackoffMs` each time;
 * - `quadratic`: `initialBackoffMs * n ** 2`: 1, 4, 9, 16 s;
 * - `none`: at once.
 *
 * `maxBackoffMs` caps what comes out, then `jitter` spreads it, up to `maxBackoffMs` again. `base` is for
 * `exponential` alone; `none` heeds none of the four.
 */
export type RetryStrategy = 'exponential' | 'fixed' | 'quadratic' | 'none';

/** How a job that failed in a way worth repeating comes back. */
export interface RetryPolicy {
  /** Attempts in all, the first included; left out: without limit. */
  maxAttempts?: number;
  /** The same as `maxAttempts`, under the name that tem's code uses. Both at once is an error. */
  maxAttempt?: number;
  /** Default 'exponential'. */
  strategy?: RetryStrategy;
  /** Delay after the first failed attempt, in milliseconds; default 1,000. */
  initialBackoffMs?: number;
  /** With 'exponential' each further delay is this many times the one before; default 2. */
  base?: number;
  /** No delay is longer, in milliseconds; default 300,000 (5 min). */
  maxBackoffMs?: number;
  /** Each delay is spread evenly by up to this fraction of itself, up and down; 0 to 1, default 0.2. */
  jitter?: number;
  /** Which errors are repeated: those marked `retryable` (default), or any that is not marked otherwise. */
  on?: 'retryable' | 'any';
}

/** A policy in which nothing is left out. */
export type CompleteRetryPolicy = Readonly<Required<Omit<RetryPolicy, 'maxAttempt'>>>;

export const DEFAULT_RETRY_POLICY: CompleteRetryPolicy = {
  maxAttempts: Infinity,
  strategy: 'exponential',
  initialBackoffMs: 1_000,
  base: 2,
  maxBackoffMs: 300_000,
  jitter: 0.2,
  on: 'retryable',
};

/** A policy with its defaults. What is undefined counts as left out, and so does null: JSON has no Infinity. */
export function completePolicy({ maxAttempt, ...policy }: RetryPolicy): CompleteRetryPolicy {
  const settings: [string, unknown][] = Object.entries({
    ...policy,
    maxAttempts: policy.maxAttempts ?? maxAttempt,
  });
  const given = settings.filter(([, value]) => value !== undefined && value !== null);
  return { ...DEFAULT_RETRY_POLICY, ...(Object.fromEntries(given) as RetryPolicy) };
}

const GROWTH: Readonly<Record<RetryStrategy, (attempt: number, base: number) => number>> = {
  exponential: (attempt, base) => base ** (attempt - 1),
  fixed: () => 1,
  quadratic: (attempt) => attempt ** 2,
  none: () => 0,
};

/**
 * The delay after a failed attempt, in whole milliseconds, never above `maxBackoffMs`.
 * @param attempt the attempt that failed, from 1
 * @param random a number in [0, 1)
 */
export function backOffMs(policy: CompleteRetryPolicy, attempt: number, random: number): number {
  // Nothing times infinity would be no number.
  if (policy.initialBackoffMs === 0) return 0;
  const grown = policy.initialBackoffMs * GROWTH[policy.strategy](attempt, policy.base);
  const capped = Math.min(grown, policy.maxBackoffMs);
  const spread = capped * (1 + policy.jitter * (2 * random - 1));
  return Math.round(Math.min(spread, policy.maxBackoffMs));
}
