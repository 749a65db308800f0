import type { Move } from './moves/move.js';
import { isClaim, isGuarded, type Answer, type Encounter, type GuardedOperation } from './operation.js';
import type { Row } from './state.js';

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

const withoutFence: Mutation = {
  title: 'writes do not name the fence',
  breaks: 'safety',
  meets: (encounter) => withWrite(encounter, (write, { fence }) => ({ ...write, fence })),
};

const withoutStepGuard: Mutation = {
  title: 'transitions do not name their step',
  breaks: 'safety',
  meets: (encounter) =>
    encounter.operation.kind === 'transition'
      ? withRow(encounter, { step: encounter.operation.step })
      : encounter,
  means: asItWasUnlessWritten,
};

const withoutToken: Mutation = {
  title: 'writes do not name the token of their claim',
  breaks: 'safety',
  meets: (encounter) =>
    isGuarded(encounter.operation) ? withRow(encounter, { claimedBy: encounter.operation.token }) : encounter,
  means: asItWasUnlessWritten,
};

const withoutEnd: Mutation = {
  title: 'writes do not ask whether the program has ended',
  breaks: 'safety',
  meets: (encounter) =>
    isGuarded(encounter.operation) ? withRow(encounter, { isFinished: false, isErrored: false }) : encounter,
  means: (answer, { row, operation }) =>
    row && answer.row && isGuarded(operation)
      ? {
          ...answer,
          row: {
            ...answer.row,
            isFinished: row.isFinished || answer.row.isFinished,
            isErrored: row.isErrored || answer.row.isErrored,
          },
        }
      : answer,
};

const withoutLease: Mutation = {
  title: 'claims do not wait for the lease of another',
  breaks: 'safety',
  meets: (encounter) =>
    isClaim(encounter.operation) && encounter.row?.lease === 'valid'
      ? withRow(encounter, { lease: 'expired' })
      : encounter,
  means: asItWasUnlessWritten,
};

const withoutPoll: Mutation = {
  title: 'nobody polls',
  breaks: 'liveness',
  allows: ({ operation }) => operation?.kind !== 'poll' && operation?.kind !== 'claimDue',
};

const parkedStaysParked: Mutation = {
  title: 'a claim leaves a parked row parked',
  breaks: 'liveness',
  means: (answer, { row }) =>
    answer.claimed && answer.row && row?.due === 'parked'
      ? { ...answer, row: { ...answer.row, due: 'parked' } }
      : answer,
};

const lossesStay: Mutation = {
  title: 'a recorded step does not reset the losses',
  breaks: 'safety',
  means: (answer, { row, operation }) =>
    operation.kind === 'transition' && answer.isChanged && answer.row && row
      ? { ...answer, row: { ...answer.row, lostCount: row.lostCount } }
      : answer,
};

/** All that the search has to find out. */
export const MUTATIONS: readonly Mutation[] = [
  withoutFence,
  withoutPoll,
  withoutToken,
  withoutStepGuard,
  withoutEnd,
  withoutLease,
  parkedStaysParked,
  lossesStay,
];

/** What was shown of the row instead is kept only where the write took place. */
function asItWasUnlessWritten(answer: Answer, { row, operation }: Encounter): Answer {
  const isWrite = isGuarded(operation) || isClaim(operation);
  return row && isWrite && !answer.isChanged ? { ...answer, row } : answer;
}

function withRow(encounter: Encounter, change: Partial<Row>): Encounter {
  return encounter.row ? { ...encounter, row: { ...encounter.row, ...change } } : encounter;
}

function withWrite(
  encounter: Encounter,
  change: (write: GuardedOperation, row: Row) => GuardedOperation,
): Encounter {
  const { row, operation } = encounter;
  return row && isGuarded(operation) ? { row, operation: change(operation, row) } : encounter;
}
