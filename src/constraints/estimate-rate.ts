import type { RateLimit } from '../rate-limit/token-bucket.js';
import type { Burst } from './prober.js';

export interface RateEstimate {
  /** What the API bears, without any margin. */
  readonly limit: RateLimit;
  /**
   * measured: refused, accepted, and refused again. met once: refused, and accepted from then on. assumed: refused
   * until the end. borne: never refused.
   */
  readonly basis: 'measured' | 'met once' | 'assumed' | 'borne';
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
  const untilRefused = bursts.slice(0, first + 1);
  const between = bursts.slice(first + 1, last + 1);
  if (accepted(between) > 0) return measured(untilRefused, between);
  const since = accepted(bursts.slice(last + 1));
  return since > 0 ? metOnce(accepted(untilRefused), since, wholeTime(bursts)) : assumed(untilRefused);
}

function borne(bursts: readonly Burst[]): RateEstimate {
  return { limit: { requests: accepted(bursts), windowMs: wholeTime(bursts) }, basis: 'borne' };
}

/** What was accepted since is borne in the whole time for certain, and no more at once than before the refusal. */
function metOnce(before: number, since: number, windowMs: number): RateEstimate {
  const requests = before > 0 ? Math.min(before, since) : since;
  return { limit: { requests, windowMs: Math.ceil((windowMs * requests) / since) }, basis: 'met once' };
}

/** At least a second, as bursts are shorter than what goes on. */
function wholeTime(bursts: readonly Burst[]): number {
  return Math.max(1_000, Math.ceil((bursts.at(-1)?.endedAtMs ?? 0) - startOf(bursts)));
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
  const isMeant = (windowMs: number): boolean =>
    Math.abs(windowMs - measuredMs) < windowMs * NEAR && perMs * windowMs >= 1;
  const usualMs = USUAL_WINDOWS_MS.find(isMeant);
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
