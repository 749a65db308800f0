import { expect } from 'chai';
import { describeContract, withoutBroker } from '../contract/harness.js';
import { allEnded, Occupancy, poolNamed, workTogether } from './occupancy.js';

const keyed = (key: string, name = key) => ({
  jobs: ['a'],
  pool: 'mail',
  concurrencyKey: key,
  programData: { name },
});

describeContract('keys of pools', (t) => {
  it('WP-14: each key runs as many as perKey allows, and the pool as many as it allows', async () => {
    const names = ['x1', 'x2', 'x3', 'y1', 'y2', 'z1'];
    const occupancy = new Occupancy().hold(...names);
    await t.executor.pools.set('mail', { maxParallelism: 4, perKey: { maxParallelism: 2 } });
    const runIds = await t.executor.createPrograms(names.map((name) => keyed(name[0]!, name)));
    await workTogether(t, occupancy.job('a'));
    await occupancy.started.first(4);
    const { holders } = await poolNamed(t, 'mail');
    for (const key of ['x', 'y', 'z'])
      expect(holders.filter((holder) => holder.key === key).length, key).to.be.at.most(2);
    expect(holders).to.have.length(4);
    occupancy.letGo(...names);
    await allEnded(t, runIds);
    expect(occupancy.peak).to.equal(4);
  });

  it('a key that is full is asked again when one of its own ends', async () => {
    const occupancy = new Occupancy().hold('x1', 'x2');
    await t.executor.pools.set('mail', { perKey: { maxParallelism: 1 } });
    const runIds = await t.executor.createPrograms([keyed('x', 'x1'), keyed('x', 'x2')]);
    await workTogether(t, occupancy.job('a'));
    await occupancy.started.first(1);
    await t.run(keyed('y'));
    occupancy.letGo('x1', 'x2');
    await allEnded(t, runIds);
    expect(occupancy.started.items).to.have.length(3);
  });

  it('programs without a key have no limit but the pool’s', async () => {
    const names = ['1', '2', '3'];
    const occupancy = new Occupancy().hold(...names);
    await t.executor.pools.set('mail', { perKey: { maxParallelism: 1 } });
    const runIds = await t.executor.createPrograms(
      names.map((name) => ({ jobs: ['a'], pool: 'mail', programData: { name } })),
    );
    await workTogether(t, occupancy.job('a'));
    await occupancy.started.first(3);
    occupancy.letGo(...names);
    await allEnded(t, runIds);
    await t.run({ jobs: ['a'], pool: 'mail', programData: { name: '4' } });
  });

  it('raising what each key may have starts at once what waits', async () => {
    const occupancy = new Occupancy().hold('x1', 'x2');
    await t.executor.pools.set('mail', { perKey: { maxParallelism: 1 } });
    const runIds = await t.executor.createPrograms([keyed('x', 'x1'), keyed('x', 'x2')]);
    await workTogether(t, occupancy.job('a'));
    await occupancy.started.first(1);
    await t.run(keyed('y'));
    await t.createExecutor().pools.set('mail', { perKey: { maxParallelism: 2 } });
    await occupancy.started.first(3);
    occupancy.letGo('x1', 'x2');
    await allEnded(t, runIds);
  });

  it('keys are what they are, also where they look alike', async () => {
    const keys = ['x', 'X', 'ẋ', ' x', 'é', 'e\u0301', '🔑'];
    const occupancy = new Occupancy().hold(...keys);
    await t.executor.pools.set('mail', { perKey: { maxParallelism: 1 } });
    const runIds = await t.executor.createPrograms(keys.map((key) => keyed(key)));
    await workTogether(t, occupancy.job('a'));
    await occupancy.started.first(keys.length);
    occupancy.letGo(...keys);
    await allEnded(t, runIds);
  });
});

describeContract(
  'turns of keys',
  (t) => {
    for (const limits of [
      { maxParallelism: 1 },
      { maxParallelism: 4 },
      { perKey: { maxParallelism: 1 } },
      {},
    ])
      it(`a key with 1,000 waiting does not delay a key with 1, with ${JSON.stringify(limits)}`, async () => {
        const occupancy = new Occupancy();
        await t.executor.pools.set('mail', limits);
        await t.executor.createPrograms(Array.from({ length: 1_000 }, () => keyed('big')));
        const small = await t.create(keyed('small'));
        await t.work(occupancy.job('a'), { concurrency: 4 });
        await t.ended(small);
        // The big one has a turn before it, which fills the worker at most, and shares those after.
        expect(occupancy.started.items.indexOf('small')).to.be.at.most(12);
        await t.executor.pools.set('mail', { maxParallelism: 0 });
      });

    it('three keys with many waiting go side by side', async () => {
      const occupancy = new Occupancy();
      await t.executor.pools.set('mail', { maxParallelism: 3 });
      for (const key of ['x', 'y', 'z'])
        await t.executor.createPrograms(Array.from({ length: 60 }, () => keyed(key)));
      await t.work(occupancy.job('a'), { concurrency: 3 });
      const order = await occupancy.started.first(90);
      for (const key of ['x', 'y', 'z'])
        expect(order.filter((name) => name === key).length, key).to.be.within(26, 34);
      await t.executor.pools.set('mail', { maxParallelism: 0 });
    });
  },
  withoutBroker,
);
