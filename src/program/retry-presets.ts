import type { RetryPolicy } from './retry-policy.js';

export type RetryPresetName = 'workpool' | 'tem' | 'emartech';

/**
 * Policies that behave as other systems do by default. Where a policy is expected, the name stands for it;
 * to change a part, spread one: `{ ...retryPresets.workpool, maxAttempts: 3 }`.
 */
export const retryPresets: Readonly<Record<RetryPresetName, Readonly<RetryPolicy>>> = Object.freeze({
  /**
   * Convex workpool's `defaultRetryBehavior`: 5 attempts with 250, 500, 1,000 and 2,000 ms between them, each
   * times a chance from 0.5 to 1.5; whatever was thrown.
   */
  workpool: Object.freeze<RetryPolicy>({
    maxAttempts: 5,
    strategy: 'exponential',
    initialBackoffMs: 250,
    base: 2,
    jitter: 0.5,
    on: 'any',
  }),
  /** tem, the task execution manager: 3 attempts, one right after the other, whatever was thrown. */
  tem: Object.freeze<RetryPolicy>({ maxAttempts: 3, strategy: 'none', on: 'any' }),
  /** @emartech/program-executor from version 3 on: retryable errors, each second, for ever. */
  emartech: Object.freeze<RetryPolicy>({
    maxAttempts: Infinity,
    strategy: 'fixed',
    initialBackoffMs: 1_000,
    jitter: 0,
    on: 'retryable',
  }),
});

export function isRetryPresetName(value: unknown): value is RetryPresetName {
  return typeof value === 'string' && Object.hasOwn(retryPresets, value);
}
