import { expect } from 'chai';
import { decorated, type Decorators } from '../../src/decorators.js';
import { describeContract, job } from '../contract/harness.js';
import { allEnded, Occupancy, workTogether } from './occupancy.js';

const named = (name: string) => ({ jobs: ['a'], programData: { name } });

/** Notes how many programs each statement that claims, inserts or ends some is about. */
function groupSizes(): {
  sizes: Record<'claimDue' | 'insert' | 'transition', number[]>;
  around: Partial<Decorators>;
} {
  const sizes = { claimDue: [] as number[], insert: [] as number[], transition: [] as number[] };
  const around: Partial<Decorators> = {
    dialect: (dialect) => {
      const { claimDue, insert, transition } = dialect;
      return Object.assign(dialect, {
        claimDue: (...[search, terms]: Parameters<typeof claimDue>) => {
          sizes.claimDue.push(search.limit);
          return claimDue.call(dialect, search, terms);
        },
        insert: (...[programs, db]: Parameters<typeof insert>) => {
          sizes.insert.push(programs.length);
          return insert.call(dialect, programs, db);
        },
        transition: (...[changes, db]: Parameters<typeof transition>) => {
          sizes.transition.push(changes.length);
          return transition.call(dialect, changes, db);
        },
      });
    },
  };
  return { sizes, around };
}

describeContract('claiming', (t) => {
  it('TEM-24, WP-38: three workers that claim side by side start none of 500 programs twice', async () => {
    const started: string[] = [];
    const underWay = new Set<string>();
    let [overlaps, peak] = [0, 0];
    const library = job('a', async ({ runId }) => {
      if (underWay.has(runId)) overlaps += 1;
      underWay.add(runId);
      peak = Math.max(peak, underWay.size);
      started.push(runId);
      await new Promise(setImmediate);
      underWay.delete(runId);
    });
    await workTogether(t, library, 3, 50);
    const runIds = await t.executor.createPrograms(Array.from({ length: 500 }, () => ({ jobs: ['a'] })));
    await t.event('programFinished', undefined, 500);
    expect(started).to.have.length(500);
    expect(started).to.have.members(runIds);
    expect(overlaps).to.equal(0);
    expect(peak).to.be.greaterThan(1);
    expect(await t.rowCount(`${t.table}_attempts`)).to.equal(500);
  });

  it('TEM-25: what a pool runs one by one starts in the order of its creation, also when that was one moment', async () => {
    const occupancy = new Occupancy();
    const names = Array.from({ length: 30 }, (_, index) => `${index}`);
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const runIds = await t.executor.createPrograms(names.map((name) => ({ ...named(name), pool: 'mail' })));
    await workTogether(t, occupancy.job('a'), 2);
    await allEnded(t, runIds);
    expect(occupancy.started.items).to.deep.equal(names);
  });

  it('WP-39: a worker without a free slot asks for no more programs, and does again when one is free', async () => {
    const { sizes, around } = groupSizes();
    const occupancy = new Occupancy().hold('first');
    const first = await t.create(named('first'));
    const full = await t.work(
      occupancy.job('a'),
      { concurrency: 1 },
      t.createExecutor(decorated({}, around)),
    );
    await occupancy.started.first(1);
    const asked = sizes.claimDue.length;
    const second = await t.create(named('second'), { runAfter: 1_500 });
    // Another worker finds its own meanwhile, later than the full one would have asked.
    const other = await t.work(new Occupancy().job('a'), { concurrency: 1 }, t.createExecutor());
    expect((await t.ended(second)).finishedAt).to.be.a('date');
    await other.stop();
    expect(sizes.claimDue).to.have.length(asked);
    const third = await t.create(named('third'), { runAfter: 1 });
    occupancy.letGo('first');
    await allEnded(t, [first, third]);
    expect(occupancy.started.items).to.deep.equal(['first', 'third']);
    expect(sizes.claimDue.length).to.be.greaterThan(asked);
    await full.stop();
  });
});

describeContract(
  'groups',
  (t) => {
    it('WP-54: stay bounded, however many programs and slots there are', async () => {
      const { sizes, around } = groupSizes();
      const executor = t.createExecutor(decorated({}, around));
      await executor.createPrograms(Array.from({ length: 2_500 }, () => ({ jobs: ['a'] })));
      await t.work(job('a'), { concurrency: 2_500 }, executor);
      await t.event('programFinished', undefined, 2_500);
      const most = (of: keyof typeof sizes) => Math.max(...sizes[of]);
      expect(most('claimDue')).to.be.within(2, 500);
      expect(most('insert')).to.be.within(2, 1_000);
      expect(most('transition')).to.be.within(2, 1_000);
    });
  },
  ({ hasBroker, dialect }) => !hasBroker && dialect === 'auto',
);
