/**
 * So many in a window, in the long run: a bucket that holds `requests` tokens and is refilled evenly within
 * `windowMs`. A window that begins with a full bucket may have up to twice as many.
 */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** What a bucket has given; plain data, so that it may be kept in a row. */
export interface BucketLevel {
  /**
   * The tokens that are missing, times `windowMs`: a whole number with a clock of whole milliseconds, so that
   * no rounding adds up, whatever the rate.
   */
  readonly missing: number;
  readonly atMs: number;
}

export interface Taking {
  readonly taken: boolean;
  /** After the taking; as it was where nothing was taken. */
  readonly level: BucketLevel;
  /** Until a token is there; 0 when one was taken. */
  readonly waitMs: number;
}

export const FULL_BUCKET: BucketLevel = { missing: 0, atMs: 0 };

/** Takes one token, if there is one. A clock that goes back refills nothing. */
export function takeToken(limit: RateLimit, level: BucketLevel, nowMs: number): Taking {
  const { taken, ...rest } = takeTokens(limit, level, nowMs, 1);
  return { taken: taken === 1, ...rest, waitMs: taken === 1 ? 0 : rest.waitMs };
}

/** Takes as many tokens as there are, `wanted` at most. */
export function takeTokens(
  { requests, windowMs }: RateLimit,
  level: BucketLevel,
  nowMs: number,
  wanted: number,
): { taken: number; level: BucketLevel; waitMs: number } {
  const before = missingAt(requests, level, nowMs);
  const taken = Math.max(0, Math.min(wanted, Math.floor((requests * windowMs - before) / windowMs)));
  const missing = before + taken * windowMs;
  const excess = missing + windowMs - requests * windowMs;
  return {
    taken,
    level: taken === 0 ? level : { missing, atMs: Math.max(nowMs, level.atMs) },
    waitMs: Math.max(0, Math.ceil(excess / requests)),
  };
}

function missingAt(requests: number, { missing, atMs }: BucketLevel, nowMs: number): number {
  return Math.max(0, missing - Math.max(0, nowMs - atMs) * requests);
}
