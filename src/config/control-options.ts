import { hostname } from 'node:os';
import { cut } from '../errors/index.js';
import { isIdentifier, isName, MAX_NAME_LENGTH } from '../program/names.js';
import { checkOptions, checkSettings, wholeNumber, type Check } from './checks.js';

/** Who intervenes and why, as it is kept. */
export interface InterventionOptions {
  /** Default: host and pid. */
  by?: string;
  reason?: string;
}

export interface RetryOptions extends InterventionOptions {
  /** Index of the job to start again from; default: where the program stands or, when it is finished, 0. */
  fromStep?: number;
}

/** Which programs `cancelAll` ends: those that fit everything that is given. */
export interface CancelAllOptions extends InterventionOptions {
  /** Only those created before this moment; default: those that exist when it is called. */
  before?: Date | number;
  where?: {
    /** The name of the job that is next, or under way. */
    job?: string;
    /** Default: both. */
    state?: 'waiting' | 'running';
  };
  /** The id or the code of a batch. */
  batch?: number | string;
  /** The name of a pool. */
  pool?: string;
  /** Most programs to end; the newest are. Default: all. */
  limit?: number;
}

/** How much of a list is read. */
export interface ListOptions {
  /** 1 to 1,000; default 100. */
  limit?: number;
}

/** A Date holds as many milliseconds before and after 1970. */
const MAX_DATE_MS = 8_640_000_000_000_000;

/** Longest text that is kept of who and why. */
const MAX_TEXT = 255;

/** What every database takes and tells apart. */
const NAME = `a text of 1 to ${MAX_NAME_LENGTH} characters with no NUL and no half of a surrogate pair`;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const INTERVENTION_CHECKS: Readonly<Record<keyof InterventionOptions, Check>> = {
  by: ['a name', isText],
  reason: ['a text', isText],
};

const RETRY_CHECKS: Readonly<Record<keyof RetryOptions, Check>> = {
  ...INTERVENTION_CHECKS,
  fromStep: wholeNumber(0, Number.MAX_SAFE_INTEGER),
};

const CANCEL_ALL_CHECKS: Readonly<Record<keyof CancelAllOptions, Check>> = {
  ...INTERVENTION_CHECKS,
  before: [
    `a valid Date, or epoch milliseconds: a whole number from ${-MAX_DATE_MS} to ${MAX_DATE_MS}`,
    (value) => isMoment(value),
  ],
  where: ['an object', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
  batch: [`the id of a batch, or its code: ${NAME}`, (value) => Number.isSafeInteger(value) || isName(value)],
  pool: [`the name of a pool: ${NAME}, not ending in a space`, isIdentifier],
  limit: wholeNumber(0, Number.MAX_SAFE_INTEGER),
};

const LIST_CHECKS: Readonly<Record<keyof ListOptions, Check>> = { limit: wholeNumber(1, 1_000) };

const WHERE_CHECKS: Readonly<Record<keyof NonNullable<CancelAllOptions['where']>, Check>> = {
  job: [`the name of a job: ${NAME}`, isName],
  state: ["'waiting' or 'running'", (value) => value === 'waiting' || value === 'running'],
};

/** @throws ConfigError naming the option that is wrong */
export function checkInterventionOptions(options: unknown): asserts options is InterventionOptions {
  checkOptions(options, INTERVENTION_CHECKS);
}

/** @throws ConfigError naming the option that is wrong */
export function checkRetryOptions(options: unknown): asserts options is RetryOptions {
  checkOptions(options, RETRY_CHECKS);
}

/** @throws ConfigError naming the option that is wrong */
export function checkListOptions(options: unknown): asserts options is ListOptions {
  checkOptions(options, LIST_CHECKS);
}

/** @throws ConfigError naming the option that is wrong */
export function checkCancelAllOptions(options: unknown): asserts options is CancelAllOptions {
  checkOptions(options, CANCEL_ALL_CHECKS);
  const { where } = options as CancelAllOptions;
  if (where) checkSettings(where, WHERE_CHECKS, 'options.where.');
}

/** Who and why, in texts that every database takes. */
export function authorOf({ by, reason }: InterventionOptions): { by: string; reason: string | null } {
  return {
    by: cut(by ?? `${hostname()}:${process.pid}`, MAX_TEXT),
    reason: reason === undefined ? null : cut(reason, MAX_TEXT),
  };
}

function isMoment(value: unknown): boolean {
  const ms = value instanceof Date ? value.getTime() : value;
  return Number.isInteger(ms) && Math.abs(ms as number) <= MAX_DATE_MS;
}
