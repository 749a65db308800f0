import type { RateLimit } from '../rate-limit/token-bucket.js';
import type { Burst } from './prober.js';

export interface RateEstimate {
  /** What the API bears, without any margin. */
  readonly limit: RateLimit;
  /** measured: refused and accepted again. assumed: only refused. borne: never refused. */
  readonly basis: 'measured' | 'assumed' | 'borne';
}

const MINUTE_MS = 60_000;
/** The windows that limits are mostly written in. */
const USUAL_WINDOWS_MS = [1_000, 10_000, MINUTE_MS, 60 * MINUTE_MS];
/** A measured window that is nearer than this to a usual one is taken to be that. */
const NEAR = 0.35;

/** The rate limit that explains what bursts were answered; undefined where none was accepted. */
export function estimateRate(bursts: readonly Burst[]): RateEstimate | undefined {
  if (accepted(bursts) === 0) return undefined;
  const refused = bursts.flatMap(({ rateLimited }, index) => (rateLimited > 0 ? [index] : []));
  const [first, last] = [refused[0], refused.at(-1)];
  if (first === undefined || last === undefined) return borne(bursts);
  const between = bursts.slice(first + 1, last + 1);
  return accepted(between) > 0
    ? measured(bursts.slice(0, first + 1), between)
    : assumed(bursts.slice(0, first + 1));
}

/** It takes at least a second of it, as bursts are shorter than what goes on. */
function borne(bursts: readonly Burst[]): RateEstimate {
  const tookMs = Math.ceil((bursts.at(-1)?.endedAtMs ?? 0) - startOf(bursts));
  return { limit: { requests: accepted(bursts), windowMs: Math.max(1_000, tookMs) }, basis: 'borne' };
}

/** Between two refusals as much is accepted as the limit gives back in that time: its rate. */
function measured(untilRefused: readonly Burst[], between: readonly Burst[]): RateEstimate {
  const firstMs = untilRefused.at(-1)?.limitedAtMs ?? 0;
  const lastMs = between.at(-1)?.limitedAtMs ?? 0;
  const perMs = accepted(between) / (lastMs - firstMs);
  // What was accepted first, less what was given back meanwhile, is what may come at once.
  const atOnce = Math.max(1, accepted(untilRefused) - perMs * (firstMs - startOf(untilRefused)));
  return { limit: inUsualWindow(atOnce, perMs), basis: 'measured' };
}

/** Never more at once, and never at a higher rate, than was measured. */
function inUsualWindow(atOnce: number, perMs: number): RateLimit {
  const measuredMs = Math.ceil(atOnce / perMs);
  const usualMs = USUAL_WINDOWS_MS.find((windowMs) => Math.abs(windowMs - measuredMs) < windowMs * NEAR);
  const windowMs = usualMs ?? measuredMs;
  return { requests: Math.min(atOnce, perMs * windowMs), windowMs };
}

/** Most limits that last longer than a test are by the minute; a longer wait that was asked for is believed. */
function assumed(untilRefused: readonly Burst[]): RateEstimate {
  const { limitedAtMs = 0, waitMs = 0 } = untilRefused.at(-1) ?? {};
  const windowMs = Math.max(MINUTE_MS, Math.ceil(limitedAtMs - startOf(untilRefused) + waitMs));
  return { limit: { requests: accepted(untilRefused), windowMs }, basis: 'assumed' };
}

function accepted(bursts: readonly Burst[]): number {
  return bursts.reduce((sum, burst) => sum + burst.accepted, 0);
}

function startOf(bursts: readonly Burst[]): number {
  return bursts[0]?.startedAtMs ?? 0;
}
