import type { RateLimit } from '../rate-limit/token-bucket.js';
import type { RateEstimate } from './estimate-rate.js';
import type { FoundConcurrency } from './find-concurrency.js';
import type { Prober } from './prober.js';
import { safeConcurrency, safeRequests } from './safety-margin.js';

/** How many requests an API should be sent. */
export interface DetectedConfig {
  /** At once: 80 % of what was accepted, at least 1. */
  concurrency: number;
  /** 90 % of what was accepted, at least 1. */
  rateLimit: RateLimit;
  /** high: both limits were met. medium: one of them. low: none, or the search was cut short. */
  confidence: 'high' | 'medium' | 'low';
  /** What was found, and what was not, in sentences. */
  notes: string[];
}

/** Where nothing at all was accepted. */
const ONE_A_SECOND: RateLimit = { requests: 1, windowMs: 1_000 };

const RATE_NOTES: Readonly<Record<RateEstimate['basis'], string>> = {
  measured: 'The rate limit was met, and its window measured.',
  assumed:
    'The rate limit was met, but its window did not end in the test: a guess, no shorter than a minute.',
  borne: 'No rate limit was met: the rate is the highest that was tried.',
};

/** The recommendation, with its margins. */
export function recommend(
  concurrency: FoundConcurrency,
  rate: RateEstimate | undefined,
  { endedBecause, requests }: Pick<Prober, 'endedBecause' | 'requests'>,
): DetectedConfig {
  const certain = [concurrency.limited, rate?.basis === 'measured'].filter(Boolean).length;
  return {
    concurrency: safeConcurrency(concurrency.accepted),
    rateLimit: rate ? withMargin(rate.limit) : ONE_A_SECOND,
    confidence: endedBecause === undefined ? ((['low', 'medium', 'high'] as const)[certain] ?? 'low') : 'low',
    notes: [
      concurrency.note,
      rate ? RATE_NOTES[rate.basis] : 'No request was accepted: the limits are the lowest there are.',
      ...(endedBecause === undefined ? [] : [endedBecause]),
      `Requests sent: ${requests}.`,
    ],
  };
}

function withMargin({ requests, windowMs }: RateLimit): RateLimit {
  return { requests: safeRequests(requests), windowMs };
}
