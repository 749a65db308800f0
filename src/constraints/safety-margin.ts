/** The share of what an API bears that is left to others, and to days on which it bears less. */
const CONCURRENCY_SHARE = 0.8;
const RATE_SHARE = 0.9;

export function safeConcurrency(accepted: number): number {
  return share(accepted, CONCURRENCY_SHARE);
}

export function safeRequests(accepted: number): number {
  return share(accepted, RATE_SHARE);
}

function share(accepted: number, part: number): number {
  // 0.9 * 10 is a little less than 9 in some orders of counting; what is that near is meant.
  return Math.max(1, Math.floor(accepted * part + 1e-9));
}
