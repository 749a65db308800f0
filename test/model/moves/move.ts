import type { Answer, Operation } from '../operation.js';
import type { Nature } from '../space.js';
import type { State } from '../state.js';

/** What may happen next in a state. */
export interface MoveOf<S, O, A> {
  readonly title: string;
  readonly nature: Nature;
  /** What it sends to the database; what is there is changed before `next` is asked. */
  readonly operation?: O;
  next(state: S, answer: A): S;
}

/** A move of a model of one row. */
export type Move = MoveOf<State, Operation, Answer>;

/** The moves of a concern, in one state. */
export type Moves = (state: State) => Move[];

/** The moves of one worker. */
export type WorkerMoves<W> = (state: State, worker: W, index: number) => Move[];

export function titleOf(index: number, title: string): string {
  return `worker ${index + 1} ${title}`;
}
