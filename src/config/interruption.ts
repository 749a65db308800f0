import { YEAR_MS } from '../program/durations.js';
import type { InterruptionCriteria } from '../program/interruption.js';
import { checkSettings, milliseconds, wholeNumber, type Check } from './checks.js';

const MOST = 1_000_000_000;

const CRITERIA: Readonly<Record<keyof InterruptionCriteria, Check>> = {
  maxErrorRate: ['a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1],
  maxErrored: wholeNumber(1, MOST),
  maxConsecutiveErrors: wholeNumber(1, MOST),
  maxRateLimitHits: wholeNumber(1, MOST),
  maxServerErrors: wholeNumber(1, MOST),
  jobTimeoutMs: milliseconds(1, YEAR_MS),
  maxRuntimeMs: milliseconds(1, YEAR_MS),
};

/** @throws ConfigError naming the criterion that is wrong */
export function checkCriteria(criteria: InterruptionCriteria, prefix: string): InterruptionCriteria {
  checkSettings(criteria, CRITERIA, prefix);
  return criteria;
}
