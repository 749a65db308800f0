import { notReady, outOfTheLine, slotsNotCounted } from './claims.js';
import type { Mutation } from './mutation.js';
import {
  callbackAside,
  callbackEachTime,
  poolStaysClosed,
  recordsWithoutEnd,
  renewalsWithoutEnd,
  slotsStay,
  withoutGuard,
} from './records.js';
import { nobodySweeps, sweepWithoutCounting, sweepWithoutFence } from './sweeps.js';

export type { Mutation } from './mutation.js';

/** All that the search has to find out. */
export const MUTATIONS: readonly Mutation[] = [
  slotsNotCounted,
  sweepWithoutFence,
  slotsStay,
  withoutGuard,
  recordsWithoutEnd,
  renewalsWithoutEnd,
  callbackAside,
  callbackEachTime,
  sweepWithoutCounting,
  nobodySweeps,
  poolStaysClosed,
  notReady,
  outOfTheLine,
];
