import type { RateLimit } from '../rate-limit/token-bucket.js';

/** The share of what an API bears that is left to others, and to days on which it bears less. */
const CONCURRENCY_SHARE = 0.8;
const RATE_SHARE = 0.9;

export function safeConcurrency(accepted: number): number {
  return Math.max(1, wholePart(accepted * CONCURRENCY_SHARE));
}

/** Where the share is less than one request, it is one in a longer time. */
export function safeRate({ requests, windowMs }: RateLimit): RateLimit {
  const share = requests * RATE_SHARE;
  const whole = wholePart(share);
  return whole >= 1 ? { requests: whole, windowMs } : { requests: 1, windowMs: Math.ceil(windowMs / share) };
}

function wholePart(share: number): number {
  // 0.9 * 10 is a little less than 9 in some orders of counting; what is that near is meant.
  return Math.floor(share + 1e-9);
}
