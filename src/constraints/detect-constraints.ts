import { checkDetection, type DetectOptions } from './detect-options.js';
import { recommend, type DetectedConfig } from './detected-config.js';
import { estimateRate } from './estimate-rate.js';
import { findConcurrency } from './find-concurrency.js';
import { Prober, type Burst } from './prober.js';
import { safeConcurrency } from './safety-margin.js';
import { testRate } from './test-rate.js';

/**
 * Finds out how many requests at once, and how many in a time, an API bears, by asking it: first with bursts that
 * grow until some are refused, then with bursts of a safe size until the rate is refused. It waits as Retry-After
 * asks, and stops where asking is of no use. Whatever the API does, it resolves.
 * @throws ConfigError
 */
export async function detectConstraints(options: DetectOptions): Promise<DetectedConfig> {
  const settings = checkDetection(options);
  const api = new Prober(settings);
  const concurrency = await findConcurrency(api, settings.maxConcurrencyToTest);
  const secondPart = api.bursts.length;
  if (concurrency.accepted > 0)
    await testRate(api, {
      concurrency: safeConcurrency(concurrency.accepted),
      maxRequests: settings.maxRateLimitTestRequests,
      durationMs: settings.rateLimitTestDurationMs,
    });
  return recommend(concurrency, estimateRate(tellingOfRate(api.bursts, secondPart)), api);
}

/** A search that met no rate limit went slowly at first: only its second part shows what is borne. */
function tellingOfRate(bursts: readonly Burst[], secondPart: number): readonly Burst[] {
  const met = bursts.some(({ rateLimited }) => rateLimited > 0);
  return met || secondPart === bursts.length ? bursts : bursts.slice(secondPart);
}
