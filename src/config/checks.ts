import { ConfigError } from '../errors/index.js';
import { RETRY_EXPECTATION, retryProblem } from '../program/retry-problem.js';

/** A check of one setting: what is expected, and whether a value is that. */
export type Check = readonly [expectation: string, holds: (value: unknown) => boolean];

/**
 * Checks given settings against a table, so that a misspelt name is found as well.
 * @throws ConfigError naming the key
 */
export function checkSettings(settings: object, checks: Readonly<Record<string, Check>>, prefix = ''): void {
  for (const [key, value] of Object.entries(settings)) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (!check)
      throw new ConfigError(
        `${prefix}${key}`,
        `unknown setting; known are ${Object.keys(checks).join(', ')}`,
      );
    const [expectation, holds] = check;
    if (value !== undefined && !holds(value))
      throw new ConfigError(`${prefix}${key}`, `expected ${expectation}`);
  }
}

/**
 * Checks the options of a call against a table.
 * @throws ConfigError naming the option that is wrong
 */
export function checkOptions(options: unknown, checks: Readonly<Record<string, Check>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ConfigError('options', `expected { ${Object.keys(checks).join(', ')} }`);
  checkSettings(options, checks, 'options.');
}

/**
 * Checks settings that may not be left out.
 * @throws ConfigError naming the key
 */
export function checkRequired(settings: object, checks: Readonly<Record<string, Check>>, prefix = ''): void {
  const given = Object.entries(settings).map(([key, value]: [string, unknown]) => [key, value ?? null]);
  checkSettings(Object.fromEntries(given) as object, checks, prefix);
}

/** Settings with their defaults; one that is given as undefined counts as left out. */
export function withDefaults<T extends object>(defaults: T, settings: Partial<T>): T {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return { ...defaults, ...(Object.fromEntries(given) as Partial<T>) };
}

export const isBoolean: Check = ['true or false', (value) => typeof value === 'boolean'];

export const anObject: Check = [
  'an object',
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
];

/** The fields of a policy are for `checkRetry`. */
export const isRetry: Check = [RETRY_EXPECTATION, (value) => retryProblem(value)?.key !== 'retry'];

/** @throws ConfigError naming the field of the policy that is wrong */
export function checkRetry(retry: unknown, prefix = ''): void {
  const problem = retryProblem(retry);
  if (problem) throw new ConfigError(`${prefix}${problem.key}`, problem.problem);
}

/** SQLite would end the path at a NUL, and take blanks for a file that is gone when it is closed. */
export function isFilePath(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && !value.includes('\u0000');
}

/** True where every % of a part of a URL begins an escape. */
export function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** Timers of Node fire at once when their delay does not fit in 31 bits. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export function wholeNumber(min: number, max: number): Check {
  return [
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
  ];
}

export function milliseconds(min: number, max: number): Check {
  return [
    `milliseconds from ${min} to ${max}`,
    (value) => typeof value === 'number' && value >= min && value <= max,
  ];
}

export function oneOf(...values: readonly string[]): Check {
  return [values.map((value) => `'${value}'`).join(' or '), (value) => values.includes(value as string)];
}
