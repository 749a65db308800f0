import { parkedStaysParked, pollsAll, withoutLease, withoutPoll } from './claims.js';
import type { Mutation } from './mutation.js';
import {
  lossesStay,
  retryParks,
  withoutEnd,
  withoutFence,
  withoutStepGuard,
  withoutToken,
} from './writes.js';

export type { Mutation } from './mutation.js';

/** All that the search has to find out. */
export const MUTATIONS: readonly Mutation[] = [
  withoutFence,
  withoutPoll,
  withoutToken,
  withoutStepGuard,
  ...withoutEnd,
  withoutLease,
  ...pollsAll,
  parkedStaysParked,
  lossesStay,
  retryParks,
];
