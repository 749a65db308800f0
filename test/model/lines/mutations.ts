import type { GroupTransaction, NewProgram } from '../../../src/program-handler/dialects/dialect.js';
import type { Operation } from './operation.js';
import type { Move } from './state.js';

/** Changes the statements of a transaction. What is put `aside` is inserted after it, whatever becomes of it. */
type Alter = (trx: GroupTransaction, aside: NewProgram[]) => GroupTransaction;

/** A part of the protocol that is taken out: the code is the real one, but not all that it says is heard. */
export interface Mutation {
  readonly title: string;
  /** Who has to intervene for it to show itself; left out: nobody. */
  readonly people?: 'resume' | 'by hand';
  /** By the kind of operation in which it is changed. */
  readonly alters?: Partial<Record<Operation['kind'], Alter>>;
  readonly allows?: (move: Move) => boolean;
}

const slotsNotCounted: Mutation = {
  title: 'a claim does not count the slots of its pool',
  people: 'by hand',
  alters: { claim: rewriting(/select count\(\*\) as running from/, 'select 0 * count(*) as running from') },
};

const sweepWithoutFence: Mutation = {
  title: 'a sweep does not fence off whom it takes a slot from',
  alters: { sweep: rewriting(/fence = fence \+ 1, /, '') },
};

const slotsStay: Mutation = {
  title: 'a record does not delete the slot',
  alters: {
    record: (trx) => ({
      ...trx,
      leave: async (changes) => ({ ids: await trx.transition(changes), settled: [] }),
    }),
  },
};

const withoutGuard: Mutation = {
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

const callbackAside: Mutation = {
  title: 'the callback is created in a transaction of its own',
  alters: {
    record: (trx, aside) => ({
      ...trx,
      insert: (programs) => Promise.resolve(aside.push(...programs)),
    }),
  },
};

const callbackEachTime: Mutation = {
  title: 'a batch forgets that it has completed before',
  people: 'resume',
  alters: { record: forgetting('completed_at') },
};

const sweepWithoutCounting: Mutation = {
  title: 'a sweep does not count what it found ended',
  people: 'by hand',
  alters: { sweep: leavingOut(/update \S*batches/) },
};

const nobodySweeps: Mutation = {
  title: 'nobody sweeps',
  allows: ({ operation }) => operation?.kind !== 'sweep',
};

const poolStaysClosed: Mutation = {
  title: 'a record does not open the pool',
  alters: { record: leavingOut(/update \S*pools/) },
};

/** All that the search has to find out. */
export const MUTATIONS: readonly Mutation[] = [
  slotsNotCounted,
  sweepWithoutFence,
  slotsStay,
  withoutGuard,
  callbackAside,
  callbackEachTime,
  sweepWithoutCounting,
  nobodySweeps,
  poolStaysClosed,
];

function rewriting(part: RegExp, by: string): Alter {
  return (trx) => ({
    ...trx,
    read: (text, values) => trx.read(text.replace(part, by), values),
    run: (text, values) => trx.run(text.replace(part, by), values),
  });
}

function leavingOut(statement: RegExp): Alter {
  return (trx) => ({
    ...trx,
    read: (text, values) => (statement.test(text) ? Promise.resolve([]) : trx.read(text, values)),
    run: (text, values) => (statement.test(text) ? Promise.resolve() : trx.run(text, values)),
  });
}

function forgetting(column: string): Alter {
  return (trx) => ({
    ...trx,
    read: async (text, values) => (await trx.read(text, values)).map((row) => ({ ...row, [column]: null })),
  });
}
