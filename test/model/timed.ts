import type { Verdict } from './verdict.js';

/** Says how much was visited, and how long it took. */
export async function timed<S>(title: string, search: () => Promise<Verdict<S>>): Promise<Verdict<S>> {
  const startedAt = performance.now();
  const verdict = await search();
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${title}: ${verdict.states} states, ${verdict.moves} moves, ${seconds} s`);
  return verdict;
}
