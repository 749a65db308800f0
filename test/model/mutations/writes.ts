import type { DecisionName } from '../decisions.js';
import {
  isGuarded,
  type Answer,
  type Encounter,
  type GuardedOperation,
  type Operation,
} from '../operation.js';
import type { Row } from '../state.js';
import { asItWasUnlessWritten, withRow, type Mutation } from './mutation.js';

export const withoutFence: Mutation = {
  title: 'writes do not name the fence',
  breaks: 'safety',
  meets: (encounter) => withWrite(encounter, (write, { fence }) => ({ ...write, fence })),
};

export const withoutStepGuard: Mutation = {
  title: 'transitions do not name their step',
  breaks: 'safety',
  meets: (encounter) =>
    encounter.operation.kind === 'transition'
      ? withRow(encounter, { step: encounter.operation.step })
      : encounter,
  means: asItWasUnlessWritten,
};

export const withoutToken: Mutation = {
  title: 'writes do not name the token of their claim',
  breaks: 'safety',
  meets: (encounter) =>
    isGuarded(encounter.operation) ? withRow(encounter, { claimedBy: encounter.operation.token }) : encounter,
  means: asItWasUnlessWritten,
};

/** Apart, as what is found with few moves hides what takes more. */
export const withoutEnd: readonly Mutation[] = [
  asIfNotEnded('records of an end', (to) => to.kind === 'transition' && isEnd(to.decision)),
  asIfNotEnded('other records', (to) => to.kind === 'transition' && !isEnd(to.decision)),
  asIfNotEnded('renewals', ({ kind }) => kind === 'renew'),
  asIfNotEnded('saved data', ({ kind }) => kind === 'saveJobData'),
  asIfNotEnded('cancellations', ({ kind }) => kind === 'cancel'),
];

export const lossesStay: Mutation = {
  title: 'a recorded step does not reset the losses',
  breaks: 'safety',
  means: (answer, { row, operation }) =>
    operation.kind === 'transition' && answer.isChanged && answer.row && row
      ? { ...answer, row: { ...answer.row, lostCount: row.lostCount } }
      : answer,
};

export const retryParks: Mutation = {
  title: 'a retry parks its row',
  breaks: 'safety',
  means: (answer, { operation }) =>
    operation.kind === 'transition' && operation.decision === 'retry' && answer.isChanged && answer.row
      ? { ...answer, row: { ...answer.row, due: 'parked' } }
      : answer,
};

function asIfNotEnded(what: string, isMeant: (operation: Operation) => boolean): Mutation {
  return {
    title: `${what} do not ask whether the program has ended`,
    breaks: 'safety',
    meets: (encounter) =>
      isMeant(encounter.operation) ? withRow(encounter, { isFinished: false, isErrored: false }) : encounter,
    means: (answer, encounter) => (isMeant(encounter.operation) ? endedAsBefore(answer, encounter) : answer),
  };
}

function isEnd(decision: DecisionName): boolean {
  return decision === 'finish' || decision === 'fail';
}

function endedAsBefore(answer: Answer, { row }: Encounter): Answer {
  if (!row || !answer.row) return answer;
  const isFinished = row.isFinished || answer.row.isFinished;
  const isErrored = row.isErrored || answer.row.isErrored;
  return { ...answer, row: { ...answer.row, isFinished, isErrored } };
}

function withWrite(
  encounter: Encounter,
  change: (write: GuardedOperation, row: Row) => GuardedOperation,
): Encounter {
  const { row, operation } = encounter;
  return row && isGuarded(operation) ? { row, operation: change(operation, row) } : encounter;
}
