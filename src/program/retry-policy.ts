/** How a job that failed in a way worth repeating comes back. */
export interface RetryPolicy {
  /** Attempts in all, the first included; left out: without limit. */
  maxAttempts?: number;
  /** Delay after the first failed attempt, in milliseconds; default 1,000. */
  initialBackoffMs?: number;
  /** Each further delay is this many times the one before; default 2. */
  base?: number;
  /** No delay is longer, in milliseconds; default 300,000 (5 min). */
  maxBackoffMs?: number;
  /** Each delay is spread by up to this fraction of itself, up and down; 0 to 1, default 0.2. */
  jitter?: number;
  /** Which errors are repeated: those marked `retryable` (default), or any that is not marked otherwise. */
  on?: 'retryable' | 'any';
}

export const DEFAULT_RETRY_POLICY: Required<RetryPolicy> = {
  maxAttempts: Infinity,
  initialBackoffMs: 1_000,
  base: 2,
  maxBackoffMs: 300_000,
  jitter: 0.2,
  on: 'retryable',
};

/** A policy with its defaults; a setting that is undefined counts as left out. */
export function completePolicy(policy: RetryPolicy = {}): Required<RetryPolicy> {
  const given = Object.entries(policy).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_RETRY_POLICY, ...(Object.fromEntries(given) as RetryPolicy) };
}

/**
 * The delay after a failed attempt, in whole milliseconds, never above `maxBackoffMs`.
 * @param attempt the attempt that failed, from 1
 * @param random a number in [0, 1)
 */
export function backOffMs(policy: Required<RetryPolicy>, attempt: number, random: number): number {
  // Nothing times infinity would be no number.
  if (policy.initialBackoffMs === 0) return 0;
  const grown = policy.initialBackoffMs * policy.base ** (attempt - 1);
  const capped = Math.min(grown, policy.maxBackoffMs);
  const spread = capped * (1 + policy.jitter * (2 * random - 1));
  return Math.round(Math.min(spread, policy.maxBackoffMs));
}
