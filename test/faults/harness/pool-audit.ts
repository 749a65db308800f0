import { histories, type Version } from './audit.js';

/** From when to when, by the database's clock, a claim was good. */
interface Holding {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Most programs of all that were claimed, each by a lease that had not ended, at one moment. */
export function mostHeldAtOnce(all: readonly Version[], leaseMs: number): number {
  const held = [...histories(all).values()].flatMap((history) => holdings(history, leaseMs));
  const atStartOf = ({ fromMs }: Holding): number =>
    held.filter((other) => other.fromMs <= fromMs && other.untilMs > fromMs).length;
  return Math.max(0, ...held.map(atStartOf));
}

/** When claims were made, in order. */
export function claimTimes(all: readonly Version[]): number[] {
  const times = [...histories(all).values()].flatMap((history) =>
    history.filter((version, index) => isClaim(version, history[index - 1])).map(({ atMs }) => atMs),
  );
  return times.sort((a, b) => a - b);
}

/** By its token, which no other claim has: a sweep bumps the fence as well, and leaves the claimer in. */
function isClaim({ claimedBy }: Version, before: Version | undefined): boolean {
  return claimedBy !== null && claimedBy !== before?.claimedBy;
}

/** One for each claim: it lasts while each version of the row, a renewal too, comes before the lease's end. */
function holdings(history: readonly Version[], leaseMs: number): Holding[] {
  return history.flatMap((version, index) =>
    isClaim(version, history[index - 1])
      ? [{ fromMs: version.atMs, untilMs: endOf(history.slice(index), leaseMs) }]
      : [],
  );
}

function endOf([claim, ...later]: readonly Version[], leaseMs: number): number {
  let untilMs = (claim?.atMs ?? 0) + leaseMs;
  for (const { claimedBy, fence, finished, errored, atMs } of later) {
    if (atMs >= untilMs) return untilMs;
    if (claimedBy !== claim?.claimedBy || fence !== claim.fence || finished || errored) return atMs;
    untilMs = atMs + leaseMs;
  }
  return untilMs;
}
