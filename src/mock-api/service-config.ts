import {
  anObject,
  checkRequired,
  checkSettings,
  MAX_TIMER_MS,
  wholeNumber,
  type Check,
} from '../config/checks.js';
import { ConfigError } from '../errors/index.js';
import { checkErrorSimulation, type ErrorSimulation } from './error-simulation.js';

/** The limits and habits of one mock API. */
export interface MockServiceConfig {
  /** More requests than this at once are answered with 503. */
  maxConcurrency: number;
  /** A token bucket: full at first with `limit`, refilled evenly within `windowMs`. Beyond it: 429. */
  rateLimit: { limit: number; windowMs: number };
  /** The shortest and the longest time that a request takes; default `[10, 200]`. */
  delayMs?: readonly [minMs: number, maxMs: number];
  /** Default: no request fails by chance. */
  errorSimulation?: ErrorSimulation;
}

export type CheckedService = MockServiceConfig & Required<Pick<MockServiceConfig, 'delayMs'>>;

const DEFAULT_DELAY_MS = [10, 200] as const;

const COUNT = wholeNumber(1, 1_000_000);
const RANGE = `[shortest, longest] in milliseconds, from 0 to ${MAX_TIMER_MS}`;

const CHECKS: Readonly<Record<keyof MockServiceConfig, Check>> = {
  maxConcurrency: COUNT,
  rateLimit: ['an object { limit, windowMs }', anObject[1]],
  delayMs: [RANGE, isRange],
  errorSimulation: ['an object { rate, statusCode, errorMessage }', anObject[1]],
};

const RATE_LIMIT_CHECKS: Readonly<Record<keyof MockServiceConfig['rateLimit'], Check>> = {
  limit: COUNT,
  windowMs: wholeNumber(1, MAX_TIMER_MS),
};

/** @throws ConfigError naming what is wrong or missing */
export function checkService(config: unknown): CheckedService {
  if (!anObject[1](config)) throw new ConfigError('service', 'expected { maxConcurrency, rateLimit }');
  const { maxConcurrency, rateLimit, ...optional } = config as MockServiceConfig;
  checkSettings(optional, CHECKS);
  checkRequired({ maxConcurrency, rateLimit }, CHECKS);
  checkSettings(rateLimit, RATE_LIMIT_CHECKS, 'rateLimit.');
  checkRequired({ limit: rateLimit.limit, windowMs: rateLimit.windowMs }, RATE_LIMIT_CHECKS, 'rateLimit.');
  if (optional.errorSimulation) checkErrorSimulation(optional.errorSimulation);
  return { ...optional, maxConcurrency, rateLimit, delayMs: optional.delayMs ?? DEFAULT_DELAY_MS };
}

function isRange(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [min, max] = value as unknown[];
  return isDelay(min) && isDelay(max) && min <= max;
}

function isDelay(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIMER_MS;
}
