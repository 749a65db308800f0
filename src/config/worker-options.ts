import { ConfigError } from '../errors/index.js';
import type { RetryLevels, RetrySetting } from '../program/effective-policy.js';
import { isName } from '../program/names.js';
import {
  checkRetry,
  checkSettings,
  isRetry,
  MAX_TIMER_MS,
  milliseconds,
  oneOf,
  wholeNumber,
  withDefaults,
  type Check,
} from './checks.js';

/** What `processPrograms` takes beside the job library; everything has a default. */
export interface WorkerOptions {
  /**
   * Jobs run at once by this worker; default 200. From 50 on, up to 2.5 times as many programs are under way, as one
   * whose step is being written down runs no job.
   */
  concurrency?: number;
  /** A claim holds for so long without renewal, in milliseconds from 2,000; default 60,000. */
  leaseMs?: number;
  /** A program gives way to others after running for so long, between two jobs; 0: after each job. Default 30,000. */
  timeSliceMs?: number;
  /** A job that blocks the event loop for longer loses its program; default 300,000. */
  maxBlockedMs?: number;
  /** What becomes of a program whose job this worker does not know; default 'defer'. */
  unknownJob?: 'defer' | 'skip' | 'fail';
  /** A deferred program fails when no worker knew its job for so long; default 3,600,000. */
  unknownJobTimeoutMs?: number;
  /** 'continue': a job's IgnorableError lets the program go on with the next job; default 'end'. */
  ignorableErrors?: 'end' | 'continue';
  /** How jobs that do not say it themselves are retried; default: the executor's `retry`. */
  retry?: RetrySetting;
  /** The code of a batch: only its programs are run, whatever else waits. Default: all programs. */
  batch?: string;
}

type PlainOptions = Required<Omit<WorkerOptions, 'retry' | 'batch'>>;

export type CheckedWorkerOptions = Readonly<PlainOptions> & {
  /** As the worker says it, then as its executor does. */
  readonly retry: RetryLevels;
  /** undefined: programs of all batches, and of none. */
  readonly batch: string | undefined;
};

const DEFAULTS: PlainOptions = {
  // Measured on PostgreSQL with jobs that do nothing: with 200, and so up to 500 programs under way, a worker makes
  // 86 % of what it makes with 1,000, and so up to 2,500 under way; with 200 under way it made a seventh less.
  concurrency: 200,
  leaseMs: 60_000,
  timeSliceMs: 30_000,
  maxBlockedMs: 300_000,
  unknownJob: 'defer',
  unknownJobTimeoutMs: 3_600_000,
  ignorableErrors: 'end',
};

const CHECKS: Readonly<Record<keyof WorkerOptions, Check>> = {
  concurrency: wholeNumber(1, 10_000),
  leaseMs: wholeNumber(2_000, MAX_TIMER_MS),
  timeSliceMs: wholeNumber(0, MAX_TIMER_MS),
  maxBlockedMs: wholeNumber(1_000, MAX_TIMER_MS),
  unknownJob: oneOf('defer', 'skip', 'fail'),
  unknownJobTimeoutMs: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  ignorableErrors: oneOf('end', 'continue'),
  retry: isRetry,
  batch: ['the code of a batch, a text of 1 to 255 characters', isName],
};

/**
 * @param ofExecutor what the executor says about retries
 * @throws ConfigError naming the option that is wrong
 */
export function checkWorkerOptions(options: unknown, ofExecutor?: RetrySetting): CheckedWorkerOptions {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ConfigError('options', 'expected an object of worker options');
  checkSettings(options, CHECKS, 'options.');
  const { retry, batch, ...others } = options as WorkerOptions;
  checkRetry(retry, 'options.');
  return { ...withDefaults(DEFAULTS, others), retry: [retry, ofExecutor], batch };
}

/** @throws ConfigError naming the option of `stop` that is wrong */
export function checkStopTimeout(options: unknown): number | undefined {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ConfigError('options', 'expected { timeoutMs }');
  checkSettings(options, { timeoutMs: milliseconds(0, MAX_TIMER_MS) }, 'options.');
  return (options as { timeoutMs?: number }).timeoutMs;
}
