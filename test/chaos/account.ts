import type { Version } from '../faults/harness/audit.js';
import type { Case } from './verdict.js';
import type { Tally } from './workforce.js';

/** What struck. */
export interface Disasters {
  /** How often, by name. */
  readonly counts: ReadonlyMap<string, number>;
  /** Those that could not strike. */
  readonly inVain: number;
  /** How many there are to draw from. */
  readonly kinds: number;
}

/** What a chaos run has seen. */
export interface Account {
  readonly programs: number;
  readonly finished: number;
  readonly errored: number;
  /** Steps that were completed, and ends. */
  readonly transitions: number;
  readonly jobStarts: number;
  /** Starts of a job that had been started before; retries and yields are among them. */
  readonly jobReruns: number;
  readonly takeovers: number;
  /** Of programs whose worker died, from its death to the next claim; the lease is in it. */
  readonly longestTakeoverMs: number;
  readonly zombieWritesRefused: number;
  readonly disasters: Disasters;
  readonly violations: readonly string[];
}

export function accountOf(
  cases: readonly Case[],
  tally: Tally,
  rest: Pick<Account, 'disasters' | 'violations'>,
): Account {
  const changes = cases.flatMap(({ history }) => pairsOf(history));
  const takeovers = changes.filter(([before, after]) => after.losses > before.losses);
  const starts = [...tally.starts.values()];
  return {
    programs: cases.length,
    finished: cases.filter(({ program }) => program?.finishedAt).length,
    errored: cases.filter(({ program }) => program?.erroredAt).length,
    transitions: changes.filter(
      ([a, b]) => a.step !== b.step || a.finished !== b.finished || a.errored !== b.errored,
    ).length,
    jobStarts: starts.reduce((sum, count) => sum + count, 0),
    jobReruns: starts.reduce((sum, count) => sum + count - 1, 0),
    takeovers: takeovers.length,
    longestTakeoverMs: Math.max(0, ...takeovers.map((change) => takeoverMs(change, tally))),
    zombieWritesRefused: tally.refusals,
    ...rest,
  };
}

function pairsOf(history: readonly Version[]): (readonly [Version, Version])[] {
  return history.slice(1).map((after, index) => [history[index] as Version, after] as const);
}

/** 0 where the one before is not known to have died: it may have been frozen, or cut off. */
function takeoverMs([before, after]: readonly [Version, Version], { diedAtMs }: Tally): number {
  const [, pid] = before.claimedBy?.split(':') ?? [];
  const died = diedAtMs.get(Number(pid));
  return died === undefined || died > after.atMs ? 0 : after.atMs - died;
}

/** A line for each figure, then one for each violation. */
export function accountLines({ violations, longestTakeoverMs, disasters, ...counts }: Account): string[] {
  return [
    ...Object.entries(counts).map(([name, count]) => `${readable(name)}: ${count}`),
    disasterLine(disasters),
    `longest takeover after a death: ${(longestTakeoverMs / 1000).toFixed(1)} s`,
    `violations: ${violations.length}`,
    ...violations.map((violation) => `  ${violation}`),
  ];
}

/** A line for each disaster, the most frequent ones first. */
export function disasterLines({ disasters: { counts } }: Account): string[] {
  const frequent = [...counts].sort(([, a], [, b]) => b - a);
  return frequent.map(([name, count]) => `${String(count).padStart(4)} ${name}`);
}

function disasterLine({ counts, kinds, inVain }: Disasters): string {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return `disasters: ${total} of ${counts.size} kinds out of ${kinds}, and ${inVain} in vain`;
}

function readable(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
