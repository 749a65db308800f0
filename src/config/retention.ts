import { wholeNumber } from './checks.js';
import { DAY_MS } from '../program/durations.js';
import type { Retention } from '../program/retention.js';

/** For how long programs are kept after their end. */
export interface RetentionConfig {
  /** Of finished programs, in milliseconds; default 7 days. `false`: for ever. */
  finishedMs?: number | false;
  /** Of errored programs, in milliseconds; default 30 days. `false`: for ever. */
  erroredMs?: number | false;
}

const [, isWholeMs] = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const KEYS = ['finishedMs', 'erroredMs'];

/** Whether a setting is `false`, or an object of known keys with times or `false`. */
export function isRetention(value: unknown): boolean {
  if (value === false) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(
    ([key, ms]: [string, unknown]) =>
      KEYS.includes(key) && (ms === undefined || ms === false || isWholeMs(ms)),
  );
}

/** What a checked setting means. */
export function retentionOf(setting: RetentionConfig | false): Retention {
  if (setting === false) return { finishedMs: null, erroredMs: null };
  const { finishedMs = 7 * DAY_MS, erroredMs = 30 * DAY_MS } = setting;
  return {
    finishedMs: finishedMs === false ? null : finishedMs,
    erroredMs: erroredMs === false ? null : erroredMs,
  };
}
