import type { Answers } from './answers.js';
import { spaceOf, type Model } from './protocol-space.js';
import { search } from './search.js';
import type { Space, Step } from './space.js';
import { isEnded, type State } from './state.js';
import { traceTo, type TraceStep } from './trace.js';

/** What a model was found to do. */
export interface Verdict<S> {
  readonly states: number;
  readonly moves: number;
  readonly fault: Fault<S> | undefined;
}

/** What was broken, and a shortest way there. */
export interface Fault<S> {
  readonly what: string;
  readonly trace: readonly TraceStep<S>[];
}

/** Where it has to be possible to get to, by these moves, and what to call it where it is not. */
export interface Liveness<S> {
  readonly mayRest: (state: S) => boolean;
  readonly natures: readonly (readonly ['protocol' | 'messages too', string])[];
}

/** Searches the whole model of the protocol for broken safety, and then for states from which no end is reached. */
export function check(model: Model, answers: Answers): Promise<Verdict<State>> {
  return checkSpace(spaceOf(model, answers), LIVENESS);
}

/** The same for anything that can be searched. */
export async function checkSpace<S, H extends Step<S>>(
  space: Space<S, H>,
  { mayRest, natures }: Liveness<S>,
): Promise<Verdict<S>> {
  const { graph, violation } = await search(space);
  const counts = { states: graph.size, moves: graph.moves };
  const trace = (number: number, isLastMoveMissing: boolean) =>
    traceTo(space, graph.pathTo(number), isLastMoveMissing);
  if (violation)
    return { ...counts, fault: { what: violation.what, trace: await trace(violation.from, true) } };
  for (const [nature, what] of natures) {
    const stuck = graph.firstWithoutWayTo((text) => mayRest(space.stateOf(text)), nature);
    if (stuck !== undefined) return { ...counts, fault: { what, trace: await trace(stuck, false) } };
  }
  return { ...counts, fault: undefined };
}

const LIVENESS: Liveness<State> = {
  mayRest,
  natures: [
    ['messages too', 'the program can never end'],
    ['protocol', 'the program can never end unless a message comes'],
  ],
};

/** Ended, or parked and not started: that one waits for its message or for somebody who resumes it. */
function mayRest({ row }: State): boolean {
  return isEnded(row) || (row?.due === 'parked' && row.claimedBy === null);
}
