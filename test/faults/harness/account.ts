import { AsyncLocalStorage } from 'node:async_hooks';
import type { Version } from './audit.js';

/** What the fault tests of this process have to tell, besides passing: told by the reporter, test by test. */
let untold: string[] = [];
const apart = new AsyncLocalStorage<string[]>();

/** What came of some work, and what there is to tell of it. */
export interface Told<T> {
  readonly result: T;
  readonly told: readonly string[];
}

/** Adds a sentence to the line of the running test. */
export function tell(sentence: string): void {
  (apart.getStore() ?? untold).push(sentence);
}

/** Runs `work` beside other tests: what it tells is kept for later. */
export async function tellApart<T>(work: () => Promise<T>): Promise<Told<T>> {
  const told: string[] = [];
  return { result: await apart.run(told, work), told };
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
