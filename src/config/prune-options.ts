import { ConfigError } from '../errors/index.js';
import type { PruneRequest } from '../program-handler/index.js';
import { anObject, checkSettings, isBoolean, wholeNumber, type Check } from './checks.js';
import { retentionOf, type RetentionConfig } from './retention.js';

/** Which programs `prune` deletes. Without any times, those that the executor's `retention` does not keep. */
export interface PruneOptions {
  /** Finished programs, so long after their end, in milliseconds. Left out beside the other: none. */
  finishedOlderThanMs?: number;
  /** Errored programs, so long after their end, in milliseconds. Left out beside the other: none. */
  erroredOlderThanMs?: number;
  /** Most programs to delete; default all. */
  limit?: number;
  /** Also programs of a table that was taken over which this executor has never run; default false. */
  withTakenOver?: boolean;
  /** Counts, and deletes nothing; default false. */
  dryRun?: boolean;
}

const ANY_AGE = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const CHECKS: Readonly<Record<keyof PruneOptions, Check>> = {
  finishedOlderThanMs: ANY_AGE,
  erroredOlderThanMs: ANY_AGE,
  limit: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  withTakenOver: isBoolean,
  dryRun: isBoolean,
};

/**
 * What these options ask for.
 * @throws ConfigError naming the option that is wrong
 */
export function checkPruneOptions(options: unknown, setting: RetentionConfig | false): PruneRequest {
  const [expectation, isObject] = anObject;
  if (!isObject(options)) throw new ConfigError('options', `expected ${expectation}`);
  checkSettings(options as object, CHECKS, 'options.');
  const { limit = Infinity, withTakenOver = false, dryRun = false, ...ages } = options as PruneOptions;
  const { finishedOlderThanMs: finishedMs = null, erroredOlderThanMs: erroredMs = null } = ages;
  const isAsConfigured = finishedMs === null && erroredMs === null;
  if (isAsConfigured && setting === false)
    throw new ConfigError(
      'options',
      'expected finishedOlderThanMs or erroredOlderThanMs, as retention is false',
    );
  const retention = isAsConfigured ? retentionOf(setting) : { finishedMs, erroredMs };
  return { retention, limit, withTakenOver, dryRun };
}
