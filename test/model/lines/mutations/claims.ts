import { rewriting, type Mutation } from './mutation.js';

export const slotsNotCounted: Mutation = {
  title: 'a claim does not count the slots of its pool',
  people: 'by hand',
  alters: { claim: rewriting(/select count\(\*\) as running from/, 'select 0 * count(*) as running from') },
};

export const notReady: Mutation = {
  title: 'a claim takes who has not waited long enough',
  // The last is taken, as somebody who is ready would come first.
  alters: {
    claim: rewriting(/p\.ready_at <= ([^]*) order by p\.ready_at/, '0 <= $1 order by p.ready_at desc'),
  },
};

export const outOfTheLine: Mutation = {
  title: 'a claim of what is due takes who waits in a line',
  people: 'by hand',
  shows: {
    claimDue: {
      // It takes one program, so that what is due has to make room.
      meets: (program) => ({ ...program, due: program.due === 'now' ? 'gated' : 'now' }),
      means: (became, { due }) => ({ ...became, due }),
    },
  },
};
