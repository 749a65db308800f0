import type { Version } from './audit.js';

/** What the fault tests of this process have to tell, besides passing: told by the reporter, test by test. */
let untold: string[] = [];

/** Adds a sentence to the line of the running test. */
export function tell(sentence: string): void {
  untold.push(sentence);
}

/** What was told since the last call. */
export function takeTold(): string {
  const told = untold.join('; ');
  untold = [];
  return told;
}

/** What an audit saw, in a few words. */
export function summary(versions: readonly Version[], recoveredInMs: number | undefined): string {
  const programs = new Set(versions.map(({ runId }) => runId)).size;
  const takeovers = new Set(
    versions
      .filter(({ losses }) => losses > 0)
      .map(({ runId, step, losses }) => `${runId}:${step}:${losses}`),
  ).size;
  const recovery =
    recoveredInMs === undefined ? '' : `, all well ${(recoveredInMs / 1000).toFixed(1)} s later`;
  return `${programs} programs, ${versions.length} versions, ${takeovers} takeovers${recovery}`;
}
