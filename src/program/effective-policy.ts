import {
  completePolicy,
  DEFAULT_RETRY_POLICY,
  type CompleteRetryPolicy,
  type RetryPolicy,
} from './retry-policy.js';
import { retryPresets, type RetryPresetName } from './retry-presets.js';

/**
 * What is said about retries in one place:
 *
 * - a policy, or the name of a preset: that, as a whole; what it leaves out has its default, whatever is
 *   said further out;
 * - `true`: retries are wanted, by the next policy further out, or by `workpool` where there is none;
 * - `false`: one attempt, also for errors that are marked retryable.
 *
 * Left out: as it is said further out. From the inside to the outside there are a program, a job, a worker
 * and its executor.
 */
export type RetrySetting = boolean | RetryPolicy | RetryPresetName;

/** What is said in several places, the innermost first. */
export type RetryLevels = readonly (RetrySetting | undefined)[];

const ONE_ATTEMPT: CompleteRetryPolicy = { ...DEFAULT_RETRY_POLICY, maxAttempts: 1, strategy: 'none' };

/** The policy that decides, from the innermost setting to the outermost. */
export function effectivePolicy(...levels: RetryLevels): CompleteRetryPolicy {
  const innermost = levels.find((level) => level !== undefined);
  if (innermost === undefined) return DEFAULT_RETRY_POLICY;
  if (innermost === false) return ONE_ATTEMPT;
  const policy = levels.find((level) => level !== undefined && typeof level !== 'boolean') ?? 'workpool';
  return completePolicy(typeof policy === 'string' ? retryPresets[policy] : policy);
}
