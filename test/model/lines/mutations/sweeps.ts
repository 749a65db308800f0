import { leavingOut, rewriting, type Mutation } from './mutation.js';

export const sweepWithoutFence: Mutation = {
  title: 'a sweep does not fence off whom it takes a slot from',
  alters: { sweep: rewriting(/fence = fence \+ 1, /, '') },
};

export const sweepWithoutCounting: Mutation = {
  title: 'a sweep does not count what it found ended',
  people: 'by hand',
  alters: { sweep: leavingOut(/update \S*batches/) },
};

export const nobodySweeps: Mutation = {
  title: 'nobody sweeps',
  allows: ({ operation }) => operation?.kind !== 'sweep',
};
