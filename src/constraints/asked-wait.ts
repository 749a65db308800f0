/** From here on a number is no count of seconds, but a time: in seconds, and far later in milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/** How long an answer asks to wait, by Retry-After or else X-RateLimit-Reset; undefined: it does not say. */
export function askedWaitMs(headers: Pick<Headers, 'get'>, nowMs: number): number | undefined {
  return retryAfterMs(headers.get('retry-after'), nowMs) ?? resetMs(headers.get('x-ratelimit-reset'), nowMs);
}

/** Seconds or an HTTP date. */
function retryAfterMs(text: string | null, nowMs: number): number | undefined {
  const seconds = numberOf(text);
  if (seconds !== undefined) return seconds * 1_000;
  const date = text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** There is no standard: seconds until then, or the time in seconds or milliseconds since 1970. */
function resetMs(text: string | null, nowMs: number): number | undefined {
  const number = numberOf(text);
  if (number === undefined) return undefined;
  if (number < EPOCH_SECONDS) return number * 1_000;
  return Math.max(0, (number < EPOCH_MS ? number * 1_000 : number) - nowMs);
}

function numberOf(text: string | null): number | undefined {
  return text !== null && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
