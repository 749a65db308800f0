import type { RetryPolicy } from './retry-policy.js';
import { isRetryPresetName, retryPresets } from './retry-presets.js';

/** What is wrong with a setting, and with which part of it. */
export interface RetryProblem {
  /** 'retry', or a field such as 'retry.jitter'. */
  readonly key: string;
  /** 'expected …' or 'unknown …'. */
  readonly problem: string;
}

type Check = readonly [expectation: string, holds: (value: unknown) => boolean];

const numberFrom =
  (min: number, max = Number.MAX_VALUE) =>
  (value: unknown) =>
    typeof value === 'number' && value >= min && value <= max;

const oneOf = (...words: readonly string[]): Check => [
  words.map((word) => `'${word}'`).join(' or '),
  (value) => words.includes(value as string),
];

const attempts: Check = [
  'a whole number from 1, or Infinity',
  (value) => value === Infinity || (numberFrom(1)(value) && Number.isInteger(value)),
];

const CHECKS: Readonly<Record<keyof RetryPolicy, Check>> = {
  maxAttempts: attempts,
  maxAttempt: attempts,
  strategy: oneOf('exponential', 'fixed', 'quadratic', 'none'),
  initialBackoffMs: ['milliseconds from 0', numberFrom(0)],
  base: ['a number from 1', numberFrom(1)],
  maxBackoffMs: ['milliseconds from 0', numberFrom(0)],
  jitter: ['a number from 0 to 1', numberFrom(0, 1)],
  on: oneOf('retryable', 'any'),
};

/** What `retry` may be. */
export const RETRY_EXPECTATION = `true, false, an object of a retry policy, or the name of a preset: ${oneOf(...Object.keys(retryPresets))[0]}`;

/** What is wrong with what was given as `retry`; undefined where nothing is. */
export function retryProblem(value: unknown): RetryProblem | undefined {
  if (value === undefined || typeof value === 'boolean' || isRetryPresetName(value)) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { key: 'retry', problem: `expected ${RETRY_EXPECTATION}` };
  return policyProblem(value);
}

function policyProblem(policy: RetryPolicy): RetryProblem | undefined {
  for (const [field, value] of Object.entries(policy) as [string, unknown][]) {
    const problem = fieldProblem(field, value);
    if (problem !== undefined) return { key: `retry.${field}`, problem };
  }
  if (policy.maxAttempts === undefined || policy.maxAttempt === undefined) return undefined;
  return { key: 'retry.maxAttempt', problem: 'expected to be left out where maxAttempts is given' };
}

function fieldProblem(field: string, value: unknown): string | undefined {
  if (!Object.hasOwn(CHECKS, field)) return `unknown setting; known are ${Object.keys(CHECKS).join(', ')}`;
  const [expectation, holds] = CHECKS[field as keyof RetryPolicy];
  return value === undefined || holds(value) ? undefined : `expected ${expectation}`;
}
