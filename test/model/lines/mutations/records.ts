import type { Program } from '../state.js';
import { forgetting, leavingOut, type Mutation } from './mutation.js';

export const slotsStay: Mutation = {
  title: 'a record does not delete the slot',
  alters: {
    record: (trx) => ({
      ...trx,
      leave: async (changes) => ({ ids: await trx.transition(changes), settled: [] }),
    }),
  },
};

export const withoutGuard: Mutation = {
  title: 'a record counts also where its guard did not hold',
  alters: {
    record: (trx) => ({
      ...trx,
      leave: async (changes) => {
        const { settled } = await trx.leave(changes);
        return { ids: changes.map(({ id }) => id), settled };
      },
    }),
  },
};

/** Shows a program that has ended as one that has not. */
const UNENDED = {
  meets: (program: Program) => ({ ...program, isFinished: false, isErrored: false }),
  means: (became: Program, was: Program) => ({
    ...became,
    isFinished: became.isFinished || was.isFinished,
    isErrored: became.isErrored || was.isErrored,
  }),
};

export const recordsWithoutEnd: Mutation = {
  title: 'records do not ask whether the program has ended',
  people: 'by hand',
  shows: { record: UNENDED },
};

export const renewalsWithoutEnd: Mutation = {
  title: 'renewals do not ask whether the program has ended',
  people: 'by hand',
  shows: { renew: UNENDED },
};

export const callbackAside: Mutation = {
  title: 'the callback is created in a transaction of its own',
  alters: {
    record: (trx, aside) => ({
      ...trx,
      insert: (programs) => Promise.resolve(aside.push(...programs)),
    }),
  },
};

export const callbackEachTime: Mutation = {
  title: 'a batch forgets that it has completed before',
  people: 'resume',
  alters: { record: forgetting('completed_at') },
};

export const poolStaysClosed: Mutation = {
  title: 'a record does not open the pool',
  alters: { record: leavingOut(/update \S*pools/) },
};
