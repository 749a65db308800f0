import type { Ending, Held, Token, World } from './state.js';

/** What is sent to the database. */
export type Operation =
  | ClaimOperation
  | RecordOperation
  | ({ readonly kind: 'renew' | 'letGo' } & Held)
  | { readonly kind: 'takeBack'; readonly program: number; readonly token: Token }
  | { readonly kind: 'cancel' | 'resume'; readonly program: number }
  | { readonly kind: 'sweep' | 'findEnded' };

export interface ClaimOperation {
  /** `claimDue`: as programs that wait in no line are claimed. */
  readonly kind: 'claim' | 'claimDue';
  readonly token: Token;
  /** The program that has waited longest. */
  readonly first: number;
}

export interface RecordOperation extends Held {
  readonly kind: 'record';
  readonly ending: Ending;
  /** The database takes everything back when it was about to commit. */
  readonly isRolledBack: boolean;
}

/** What the database did with it. */
export interface Answer {
  /** Afterwards. */
  readonly world: World;
  /** The operation says that it changed something. */
  readonly isChanged: boolean;
  readonly claimed: Held | null;
}

/** What was found there, and what was done to it. */
export interface Encounter {
  readonly world: World;
  readonly operation: Operation;
}

/** All moves of a state meet the same world. */
const texts = new WeakMap<World, string>();

/** The text by which the answer to an encounter is remembered. */
export function keyOf({ world, operation }: Encounter): string {
  const text = texts.get(world) ?? JSON.stringify(world);
  texts.set(world, text);
  return `${JSON.stringify(operation)} ${text}`;
}
