import type { State } from './state.js';

/** What a program's row looks like, for people. */
export function describeRow({ row }: State): string {
  if (!row) return 'no row';
  const { step, fence, due, lostCount, stepRetryCount, claimedBy, lease } = row;
  const ends = `${row.isFinished ? ' finished' : ''}${row.isErrored ? ' errored' : ''}`;
  const counts = `${stepRetryCount > 0 ? ` retries ${stepRetryCount}` : ''}${lostCount > 0 ? ` losses ${lostCount}` : ''}`;
  const claim = claimedBy === null ? 'unclaimed' : `claim ${claimedBy}, lease ${lease}`;
  return `step ${step} fence ${fence} ${due}, ${claim}${counts}${ends}`;
}
