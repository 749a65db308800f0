import { checkOptions, isBoolean, MAX_TIMER_MS, oneOf, wholeNumber, type Check } from '../config/index.js';
import { isName } from '../program/names.js';
import type { BatchStats, BatchStatus } from './batch.js';

export interface AddOptions {
  /** True: more will be added later, so the batch does not complete before `seal` or another adding without it. */
  more?: boolean;
}

export interface WaitOptions {
  /** Is told how far the batch is, each time it was asked for, and waited for. What it throws ends the waiting. */
  onProgress?: (stats: BatchStats) => void | Promise<void>;
  /** In milliseconds from 0; default: without limit. */
  timeoutMs?: number;
  /** Between two questions, in milliseconds from 1; default 1,000. */
  intervalMs?: number;
}

/** Which batches `list` gives: those that fit everything that is given. */
export interface BatchListOptions {
  type?: string;
  status?: BatchStatus;
  /** Most batches, the newest; default 1,000. */
  limit?: number;
}

const ADD_CHECKS: Readonly<Record<keyof AddOptions, Check>> = { more: isBoolean };

const WAIT_CHECKS: Readonly<Record<keyof WaitOptions, Check>> = {
  onProgress: ['a function', (value) => typeof value === 'function'],
  timeoutMs: ['milliseconds from 0', (value) => typeof value === 'number' && value >= 0],
  intervalMs: [
    `milliseconds from 1 to ${MAX_TIMER_MS}`,
    (value) => typeof value === 'number' && value >= 1 && value <= MAX_TIMER_MS,
  ],
};

const LIST_CHECKS: Readonly<Record<keyof BatchListOptions, Check>> = {
  type: ['a text of 1 to 255 characters, without NUL', isName],
  status: oneOf('active', 'interrupted', 'completed', 'cancelled'),
  limit: wholeNumber(1, Number.MAX_SAFE_INTEGER),
};

/** @throws ConfigError naming the option that is wrong: a misspelt `more` would let the batch end too early */
export function checkAddOptions(options: unknown): asserts options is AddOptions {
  checkOptions(options, ADD_CHECKS);
}

/** @throws ConfigError naming the option that is wrong: a misspelt `timeoutMs` would be waited for without end */
export function checkWaitOptions(options: unknown): asserts options is WaitOptions {
  checkOptions(options, WAIT_CHECKS);
}

/** @throws ConfigError naming the option that is wrong */
export function checkBatchListOptions(options: unknown): asserts options is BatchListOptions {
  checkOptions(options, LIST_CHECKS);
}
