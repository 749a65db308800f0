import type { DecisionName } from './decisions.js';

/** The jobs of the program that the model runs. */
export const JOBS: readonly string[] = ['a', 'b'];

/** `fresh`: due for so short a time that the poll leaves it to its hint. */
export type Due = 'parked' | 'later' | 'fresh' | 'due';

/** What a claim reads as in `claimed_by`: unique for each claim that is sent. */
export type Token = number;

/** The program's row, with time told only as before or after now. */
export interface Row {
  readonly step: number;
  readonly stepRetryCount: number;
  readonly lostCount: number;
  readonly fence: number;
  readonly due: Due;
  readonly claimedBy: Token | null;
  readonly lease: 'none' | 'valid' | 'expired';
  readonly isFinished: boolean;
  readonly isErrored: boolean;
  /** The first job's data are saved. */
  readonly hasData: boolean;
}

/** The program as a run holds it in memory. */
export interface Held {
  readonly step: number;
  readonly stepRetryCount: number;
  readonly lostCount: number;
  readonly fence: number;
  readonly token: Token;
  /** The job was told that its data are saved. */
  readonly hasData: boolean;
}

export interface Running {
  readonly at: 'running';
  readonly held: Held;
  /** null while the job runs; then what is to be recorded. */
  readonly decision: DecisionName | null;
  /** The record was refused: the row is to be read. */
  readonly isRefused: boolean;
  /** That very record has changed the row before, whether the worker knows or not. */
  readonly isApplied: boolean;
  /** What was refused beside the record, so that the row is to be read. */
  readonly doubt: 'renewal' | 'jobData' | null;
  /** Why the program belongs to this run no longer, once it knows. */
  readonly loss: 'cancelled' | 'lost' | null;
}

/** A worker with one slot. More slots would behave as more workers do. */
export type Worker =
  | { readonly at: 'down' }
  /** `pollToken`: of a poll that was sent and not answered; the next poll uses it again. */
  | { readonly at: 'idle'; readonly pollToken: Token | null }
  /** Was rung; its claim is not answered and will be repeated. */
  | { readonly at: 'claiming'; readonly token: Token }
  | Running
  /** The run was cancelled by hand and gives up its claim. */
  | { readonly at: 'lettingGo'; readonly fence: number; readonly token: Token };

/** A statement that was given up as failed and repeated, but still is on its way to the database. */
export type LateWrite =
  | { readonly kind: 'claimRung' | 'claimDue'; readonly token: Token }
  | {
      readonly kind: 'transition';
      readonly held: Held;
      readonly decision: DecisionName;
      readonly isApplied: boolean;
    };

/** Everything there is at one moment. */
export interface State {
  /** null: deleted. */
  readonly row: Row | null;
  /** A hint waits. Two are as good as one: what is delivered twice is a hint that appears. */
  readonly hasHint: boolean;
  readonly workers: readonly Worker[];
  readonly late: LateWrite | null;
}

/** The program has come to an end. */
export function isEnded(row: Row | null): boolean {
  return row === null || row.isFinished || row.isErrored;
}

export function withWorker(state: State, index: number, worker: Worker): State {
  return { ...state, workers: state.workers.with(index, worker) };
}

/** A token that nothing in this state bears. */
export function newToken(state: State): Token {
  const used = new Set([...state.workers.map(tokenOf), tokenOfLate(state.late), state.row?.claimedBy]);
  let token = 1;
  while (used.has(token)) token += 1;
  return token;
}

function tokenOf(worker: Worker): Token | null {
  switch (worker.at) {
    case 'down':
      return null;
    case 'idle':
      return worker.pollToken;
    case 'running':
      return worker.held.token;
    case 'claiming':
    case 'lettingGo':
      return worker.token;
  }
}

function tokenOfLate(late: LateWrite | null): Token | null {
  return late && (late.kind === 'transition' ? late.held.token : late.token);
}
