import { isClaim } from '../operation.js';
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

export const parkedStaysParked: Mutation = {
  title: 'a claim leaves a parked row parked',
  breaks: 'liveness',
  means: (answer, { row }) =>
    answer.claimed && answer.row && row?.due === 'parked'
      ? { ...answer, row: { ...answer.row, due: 'parked' } }
      : answer,
};
