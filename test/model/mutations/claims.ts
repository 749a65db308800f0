import { isClaim } from '../operation.js';
import type { Due } from '../state.js';
import { asItWasUnlessWritten, withRow, type Mutation } from './mutation.js';

export const withoutLease: Mutation = {
  title: 'claims do not wait for the lease of another',
  breaks: 'safety',
  meets: (encounter) =>
    isClaim(encounter.operation) && encounter.row?.lease === 'valid'
      ? withRow(encounter, { lease: 'expired' })
      : encounter,
  means: asItWasUnlessWritten,
};

export const withoutPoll: Mutation = {
  title: 'nobody polls',
  breaks: 'liveness',
  allows: ({ operation }) => operation?.kind !== 'poll' && operation?.kind !== 'claimDue',
};

/** Each of them alone, as the other would be found first. */
export const pollsAll: readonly Mutation[] = [
  polling('parked', 'a poll takes what waits for its message'),
  polling('fresh', 'a poll does not leave a new program to its hint'),
];

export const parkedStaysParked: Mutation = {
  title: 'a claim leaves a parked row parked',
  breaks: 'liveness',
  means: (answer, { row }) =>
    answer.claimed && answer.row && row?.due === 'parked'
      ? { ...answer, row: { ...answer.row, due: 'parked' } }
      : answer,
};

function polling(due: Due, title: string): Mutation {
  return {
    title,
    breaks: 'safety',
    meets: (encounter) =>
      encounter.operation.kind !== 'claimRung' && isClaim(encounter.operation) && encounter.row?.due === due
        ? withRow(encounter, { due: 'due' })
        : encounter,
    means: asItWasUnlessWritten,
  };
}
