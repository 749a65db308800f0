import type { Answers } from './answers.js';
import { decode } from './decode.js';
import { search, type Model } from './search.js';
import { isEnded, type State } from './state.js';
import { traceTo, type Step } from './trace.js';

/** What a model was found to do. */
export interface Verdict {
  readonly states: number;
  readonly moves: number;
  readonly fault: Fault | undefined;
}

/** What was broken, and a shortest way there. */
export interface Fault {
  readonly what: string;
  readonly trace: readonly Step[];
}

/** Searches the whole model for broken safety, and then for states from which no end is reached. */
export async function check(model: Model, answers: Answers): Promise<Verdict> {
  const { graph, violation } = await search(model, answers);
  const counts = { states: graph.size, moves: graph.moves };
  const trace = (number: number, isLastMoveMissing: boolean) =>
    traceTo(model, answers, graph.pathTo(number), isLastMoveMissing);
  if (violation)
    return { ...counts, fault: { what: violation.what, trace: await trace(violation.from, true) } };
  for (const [natures, what] of LIVENESS) {
    const stuck = graph.firstWithoutWayTo((text) => mayRest(decode(text)), natures);
    if (stuck !== undefined) return { ...counts, fault: { what, trace: await trace(stuck, false) } };
  }
  return { ...counts, fault: undefined };
}

const LIVENESS = [
  ['messages too', 'the program can never end'],
  ['protocol', 'the program can never end unless a message comes'],
] as const;

/** Ended, or parked and not started: that one waits for its message or for somebody who resumes it. */
function mayRest({ row }: State): boolean {
  return isEnded(row) || (row?.due === 'parked' && row.claimedBy === null);
}
