import type { RateLimit } from '../rate-limit/token-bucket.js';
import type { RateEstimate } from './estimate-rate.js';
import type { FoundConcurrency } from './find-concurrency.js';
import type { Burst, Prober } from './prober.js';
import { safeConcurrency, safeRate } from './safety-margin.js';

/** How many requests an API should be sent. */
export interface DetectedConfig {
  /** At once: 80 % of what was accepted, at least 1. */
  concurrency: number;
  /** 90 % of what was accepted; where that is less than one request, one in a longer time. */
  rateLimit: RateLimit;
  /** high: both limits were met, and the rate's window measured. medium: one of them. low: none, or cut short. */
  confidence: 'high' | 'medium' | 'low';
  /** What was found, and what was not, in sentences. */
  notes: string[];
}

/** Where nothing at all was accepted, and no longer wait asked for. */
const SECOND_MS = 1_000;

const RATE_NOTES: Readonly<Record<RateEstimate['basis'], string>> = {
  measured: 'The rate limit was met, and its window measured.',
  'met once': 'The rate limit was met once, and not again: the rate is what was accepted since.',
  assumed:
    'The rate limit was met, but its window did not end in the test: a guess, no shorter than a minute.',
  borne: 'No rate limit was met: the rate is the highest that was tried.',
};

/** The recommendation, with its margins. */
export function recommend(
  concurrency: FoundConcurrency,
  rate: RateEstimate | undefined,
  { endedBecause, requests, bursts }: Pick<Prober, 'endedBecause' | 'requests' | 'bursts'>,
): DetectedConfig {
  const certain = [concurrency.limited, rate?.basis === 'measured'].filter(Boolean).length;
  return {
    concurrency: safeConcurrency(concurrency.accepted),
    rateLimit: rate ? safeRate(rate.limit) : lowestRate(bursts),
    confidence: endedBecause === undefined ? ((['low', 'medium', 'high'] as const)[certain] ?? 'low') : 'low',
    notes: [
      concurrency.note,
      rate ? RATE_NOTES[rate.basis] : 'No request was accepted: the limits are a guess.',
      ...serverErrors(bursts),
      ...(endedBecause === undefined ? [] : [endedBecause]),
      `Requests sent: ${requests}.`,
    ],
  };
}

function lowestRate(bursts: readonly Burst[]): RateLimit {
  return { requests: 1, windowMs: Math.ceil(Math.max(SECOND_MS, ...bursts.map(({ waitMs = 0 }) => waitMs))) };
}

function serverErrors(bursts: readonly Burst[]): string[] {
  const count = bursts.reduce((sum, burst) => sum + burst.serverErrors, 0);
  return count === 0 ? [] : [`${count} of the accepted ones were answered with 500 or the like.`];
}
