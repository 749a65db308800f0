import type { RowState } from '../../src/program/refusal.js';
import type { DecisionName } from './decisions.js';
import type { Held, Row, Token } from './state.js';

/** What is sent to the database. */
export type Operation = InsertOperation | ClaimOperation | GuardedOperation | PlainOperation;

export interface InsertOperation {
  readonly kind: 'insert';
  readonly as: 'rung' | 'unannounced' | 'delayed';
}

export interface ClaimOperation {
  readonly kind: 'claimRung' | 'claimDue' | 'poll';
  readonly token: Token;
}

/** A write that names the claim under which it is made. */
export type GuardedOperation = HolderOperation | TransitionOperation;

export interface HolderOperation {
  readonly kind: 'renew' | 'saveJobData' | 'letGo';
  readonly fence: number;
  readonly token: Token;
}

export interface TransitionOperation extends Held {
  readonly kind: 'transition';
  readonly decision: DecisionName;
}

export interface PlainOperation {
  readonly kind: 'cancel' | 'resume' | 'read';
}

/** What the database did with it. */
export interface Answer {
  /** Afterwards. */
  readonly row: Row | null;
  /** The operation says that its guard held. */
  readonly isChanged: boolean;
  /** By a claim. */
  readonly claimed: Held | null;
  /** By a `read`; undefined: there is no row. */
  readonly seen: RowState | undefined;
}

/** A row as it was found, and what was done to it. */
export interface Encounter {
  readonly row: Row | null;
  readonly operation: Operation;
}

/** The text by which the answer to an encounter is remembered. */
export function keyOf({ row, operation }: Encounter): string {
  return `${JSON.stringify(operation)} ${row ? textOf(row) : ''}`;
}

/** All moves of a state meet the same row. */
const texts = new WeakMap<Row, string>();

function textOf(row: Row): string {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = JSON.stringify(row);
  texts.set(row, text);
  return text;
}

export function isGuarded(operation: Operation): operation is GuardedOperation {
  return ['renew', 'saveJobData', 'letGo', 'transition'].includes(operation.kind);
}

export function isClaim(operation: Operation): operation is ClaimOperation {
  return ['claimRung', 'claimDue', 'poll'].includes(operation.kind);
}
