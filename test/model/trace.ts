import type { Answers } from './answers.js';
import type { Happening } from './properties.js';
import { violationOf } from './properties.js';
import { happenings, learn, textOf, type Model } from './search.js';
import type { Row, State } from './state.js';

/** A move as people read it, and the row after it. */
export interface Step {
  readonly title: string;
  readonly row: Row | null;
}

/**
 * The moves along a path. The texts on it tell neither workers nor fences apart, so the path is walked anew,
 * with the names and numbers that things really have.
 * @param isLastMoveMissing the path ends where a move breaks a property
 */
export async function traceTo(
  model: Model,
  answers: Answers,
  path: readonly string[],
  isLastMoveMissing: boolean,
): Promise<Step[]> {
  const [start, ...texts] = path;
  let state = model.roots.find((root) => textOf(model, root) === start) as State;
  const steps: Step[] = [{ title: 'at first', row: state.row }];
  const follow = async (isNext: (happening: Happening) => boolean) => {
    await learn(model, answers, [state]);
    const { move, to } = happenings(model, answers, state).find(isNext) as Happening;
    steps.push({ title: move.title, row: to.row });
    state = to;
  };
  for (const text of texts) await follow(({ to }) => textOf(model, to) === text);
  if (isLastMoveMissing) await follow((happening) => violationOf(happening) !== undefined);
  return steps;
}

/** One line a move, with what the row looks like after it. */
export function printTrace(steps: readonly Step[]): string {
  const width = Math.max(...steps.map(({ title }) => title.length));
  return steps
    .map(({ title, row }, index) => `${String(index).padStart(3)}  ${title.padEnd(width)}  ${describe(row)}`)
    .join('\n');
}

function describe(row: Row | null): string {
  if (!row) return 'no row';
  const { step, fence, due, lostCount, stepRetryCount, claimedBy, lease } = row;
  const ends = `${row.isFinished ? ' finished' : ''}${row.isErrored ? ' errored' : ''}`;
  const counts = `${stepRetryCount > 0 ? ` retries ${stepRetryCount}` : ''}${lostCount > 0 ? ` losses ${lostCount}` : ''}`;
  const claim = claimedBy === null ? 'unclaimed' : `claim ${claimedBy}, lease ${lease}`;
  return `step ${step} fence ${fence} ${due}, ${claim}${counts}${ends}`;
}
