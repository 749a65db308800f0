import type { Prober } from './prober.js';

export interface RateTest {
  /** The most at once, that the API accepts for certain. */
  readonly concurrency: number;
  readonly maxRequests: number;
  readonly durationMs: number;
}

type Api = Pick<Prober, 'send' | 'endedBecause' | 'pauseMs'>;

/**
 * Sends bursts until the requests or the time are used up. After a refusal bursts are half as large, as only
 * the first request beyond the limit tells something.
 */
export async function testRate(api: Api, { concurrency, maxRequests, durationMs }: RateTest): Promise<void> {
  const endsAtMs = performance.now() + durationMs;
  let size = concurrency;
  for (let left = maxRequests; left > 0;) {
    if (api.endedBecause !== undefined || performance.now() + api.pauseMs >= endsAtMs) return;
    const { size: sent, rateLimited, overloaded } = await api.send(Math.min(size, left));
    left -= sent;
    size = rateLimited + overloaded > 0 ? Math.max(1, Math.floor(size / 2)) : Math.min(concurrency, size * 2);
  }
}
