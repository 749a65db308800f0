import type { Space, Step } from './space.js';

/** A move as people read it, and the state after it. */
export interface TraceStep<S> {
  readonly title: string;
  readonly state: S;
}

/**
 * The moves along a path. The texts on it tell neither workers nor fences apart, so the path is walked anew,
 * with the names and numbers that things really have.
 * @param isLastMoveMissing the path ends where a move breaks a property
 */
export async function traceTo<S, H extends Step<S>>(
  space: Space<S, H>,
  path: readonly string[],
  isLastMoveMissing: boolean,
): Promise<TraceStep<S>[]> {
  const [start, ...texts] = path;
  let state = space.roots.find((root) => space.textOf(root) === start) as S;
  const steps: TraceStep<S>[] = [{ title: 'at first', state }];
  const follow = async (isNext: (happening: H) => boolean) => {
    await space.learn([state]);
    const { move, to } = space.happenings(state).find(isNext) as H;
    steps.push({ title: move.title, state: to });
    state = to;
  };
  for (const text of texts) await follow(({ to }) => space.textOf(to) === text);
  if (isLastMoveMissing) await follow((happening) => space.violationOf(happening) !== undefined);
  return steps;
}

/** One line a move, with what there is after it. */
export function printTrace<S>(steps: readonly TraceStep<S>[], describe: (state: S) => string): string {
  const width = Math.max(...steps.map(({ title }) => title.length));
  return steps
    .map(({ title, state }, index) =>
      [String(index).padStart(3), title.padEnd(width), describe(state)].join('  '),
    )
    .join('\n');
}
