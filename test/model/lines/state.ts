import type { MoveOf } from '../moves/move.js';
import type { DecisionName } from '../decisions.js';
import type { Answer, Operation } from './operation.js';

/** What a claim reads as in `claimed_by`: unique for each claim that is sent. */
export type Token = number;

/** How a job ends. */
export type Ending = Extract<DecisionName, 'finish' | 'fail' | 'retry'>;

/** The row of a program of one job, with time told only as before or after now. */
export interface Program {
  readonly ready: 'none' | 'now' | 'later';
  /** `gated`: due for no claim of plain programs, as long as its end is not counted. */
  readonly due: 'gated' | 'now';
  readonly fence: number;
  readonly claimedBy: Token | null;
  readonly lease: 'none' | 'valid' | 'expired';
  readonly isFinished: boolean;
  readonly isErrored: boolean;
  readonly isCancelled: boolean;
}

export interface Slot {
  /** The index of its program. */
  readonly program: number;
  /** null: of a program that ended by hand while it waited, for the sweep to find. */
  readonly claimedBy: Token | null;
  readonly isSettled: boolean;
}

/** The row of the batch in which all programs are. */
export interface Batch {
  readonly finished: number;
  readonly errored: number;
  readonly cancelled: number;
  readonly isCompleted: boolean;
  /** Now or earlier. */
  readonly hasCompleted: boolean;
}

/** What the database holds. */
export interface World {
  readonly programs: readonly Program[];
  readonly slots: readonly Slot[];
  /** Of the one line in which all programs wait. */
  readonly turn: 'closed' | 'now' | 'later';
  readonly isPoolOpen: boolean;
  readonly batch: Batch;
  /** Programs that were created for the batch's `onComplete`. */
  readonly callbacks: number;
}

/** A claim as a worker remembers it. */
export interface Held {
  readonly program: number;
  readonly fence: number;
  readonly token: Token;
}

/** Has claimed a program from the line. */
export interface Running extends Held {
  readonly at: 'running';
  /** null while the job runs; then what is to be recorded. */
  readonly ending: Ending | null;
  /** A write was refused: the row is to be read. */
  readonly isRefused: boolean;
}

/** A worker with one place. More places would behave as more workers do. */
export type Worker =
  | { readonly at: 'idle' }
  | Running
  /** The run was cancelled and gives up its claim. */
  | (Held & { readonly at: 'lettingGo' })
  /** Has claimed, as if it waited in no line, a program whose end was taken back by hand. */
  | { readonly at: 'takingBack'; readonly program: number; readonly token: Token };

export const IDLE: Worker = { at: 'idle' };

/** A record that was given up as failed and repeated, but still is on its way to the database. */
export interface LateRecord extends Held {
  readonly ending: Ending;
}

/** Everything there is at one moment. */
export interface State {
  readonly world: World;
  readonly workers: readonly Worker[];
  readonly late: LateRecord | null;
}

export type Move = MoveOf<State, Operation, Answer>;

/** The moves of a concern, in one state. */
export type Moves = (state: State) => Move[];

/** How many programs may run at once. */
export const MAX_PARALLELISM = 1;

/** A token that nothing in this state bears. */
export function newToken({ world, workers, late }: State): Token {
  const used = new Set([
    ...[...world.programs, ...world.slots].map(({ claimedBy }) => claimedBy),
    ...[...workers, late].map((holder) => (holder && 'token' in holder ? holder.token : null)),
  ]);
  let token = 1;
  while (used.has(token)) token += 1;
  return token;
}

export function withWorker(state: State, index: number, worker: Worker): State {
  return { ...state, workers: state.workers.with(index, worker) };
}

export function isEnded({ isFinished, isErrored }: Program): boolean {
  return isFinished || isErrored;
}

/** Programs of the batch whose end is not counted. */
export function openIn({ programs, batch: { finished, errored, cancelled } }: World): number {
  return programs.length - finished - errored - cancelled;
}
