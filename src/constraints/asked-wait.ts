import { YEAR_MS } from '../program/durations.js';

/** From here on a number is no count of seconds, but a time: in seconds, and far later in milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

type Said = Pick<Headers, 'get'>;

/** How long an answer asks to wait, by Retry-After or else X-RateLimit-Reset; undefined: it does not say. */
export function askedWaitMs(headers: Said, nowMs: number): number | undefined {
  return retryAfterMs(headers, nowMs) ?? resetMs(headers, nowMs);
}

/** How long Retry-After asks to wait, with seconds or an HTTP date; undefined: it does not say. */
export function retryAfterMs(headers: Said, nowMs: number): number | undefined {
  const text = headers.get('retry-after');
  const seconds = numberOf(text);
  if (seconds !== undefined) return bounded(seconds * 1_000);
  const date = dateOf(text);
  return date === undefined ? undefined : bounded(date - serverTime(headers, nowMs));
}

/** There is no standard: seconds until then, or the time in seconds or milliseconds since 1970. */
function resetMs(headers: Said, nowMs: number): number | undefined {
  const number = numberOf(headers.get('x-ratelimit-reset'));
  if (number === undefined) return undefined;
  if (number < EPOCH_SECONDS) return bounded(number * 1_000);
  return bounded((number < EPOCH_MS ? number * 1_000 : number) - serverTime(headers, nowMs));
}

/** A time that the server gives is by its own clock. */
function serverTime(headers: Said, nowMs: number): number {
  return dateOf(headers.get('date')) ?? nowMs;
}

/** No wait is longer than the longest window that a pool may have. */
function bounded(waitMs: number): number {
  return Math.min(YEAR_MS, Math.max(0, waitMs));
}

/** Of a header that came several times the largest counts. */
function numberOf(text: string | null): number | undefined {
  const numbers = text?.split(',') ?? [];
  const areNumbers = numbers.length > 0 && numbers.every((number) => /^\s*\d+(\.\d+)?\s*$/.test(number));
  return areNumbers ? Math.max(...numbers.map(Number)) : undefined;
}

/** Only with a time of day: `Date.parse` takes -5 for a month. */
function dateOf(text: string | null): number | undefined {
  const time = text !== null && /\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
