import type { Move } from '../moves/move.js';
import { isClaim, isGuarded, type Answer, type Encounter } from '../operation.js';
import type { Row } from '../state.js';

/**
 * A part of the protocol that is taken out of the model. A guard is taken out by showing the database a row or
 * a write in which that part of the guard holds: the statements are the real ones all the same.
 */
export interface Mutation {
  readonly title: string;
  /** What it breaks. */
  readonly breaks: 'safety' | 'liveness';
  /** What the database meets instead. */
  readonly meets?: (encounter: Encounter) => Encounter;
  /** What its answer means for the row that was really there. */
  readonly means?: (answer: Answer, encounter: Encounter) => Answer;
  readonly allows?: (move: Move) => boolean;
}

/** What was shown of the row instead is kept only where the write took place. */
export function asItWasUnlessWritten(answer: Answer, { row, operation }: Encounter): Answer {
  const isWrite = isGuarded(operation) || isClaim(operation);
  return row && isWrite && !answer.isChanged ? { ...answer, row } : answer;
}

export function withRow(encounter: Encounter, change: Partial<Row>): Encounter {
  return encounter.row ? { ...encounter, row: { ...encounter.row, ...change } } : encounter;
}
