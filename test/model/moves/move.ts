import type { Answer, Operation } from '../operation.js';
import type { State } from '../state.js';

/** What may happen next in a state. */
export interface Move {
  readonly title: string;
  /**
   * `protocol`: what comes sooner or later by itself, the passing of time included. `message`: the same, where
   * a message was delivered. `chance`: faults, people, and jobs that do not simply end.
   */
  readonly nature: 'protocol' | 'message' | 'chance';
  /** What it sends to the database; the row is changed before `next` is asked. */
  readonly operation?: Operation;
  next(state: State, answer: Answer): State;
}

/** The moves of a concern, in one state. */
export type Moves = (state: State) => Move[];

/** The moves of one worker. */
export type WorkerMoves<W> = (state: State, worker: W, index: number) => Move[];

export function titleOf(index: number, title: string): string {
  return `worker ${index + 1} ${title}`;
}
