/** So many in any one window: a bucket that holds `requests` tokens and is refilled evenly within `windowMs`. */
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
  const missing = missingAt(limit, level, nowMs) + limit.windowMs;
  const excess = missing - limit.requests * limit.windowMs;
  if (excess > 0) return { taken: false, level, waitMs: Math.ceil(excess / limit.requests) };
  return { taken: true, level: { missing, atMs: Math.max(nowMs, level.atMs) }, waitMs: 0 };
}

function missingAt({ requests }: RateLimit, { missing, atMs }: BucketLevel, nowMs: number): number {
  return Math.max(0, missing - Math.max(0, nowMs - atMs) * requests);
}
