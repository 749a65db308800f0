import { expect } from 'chai';
import { describeContract, gate, job } from '../contract/harness.js';
import { allEnded, Occupancy, workTogether } from './occupancy.js';

describeContract('priorities', (t) => {
  it('higher ones of a pool are started first, those of one in the order in which they came', async () => {
    const occupancy = new Occupancy();
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const runIds: string[] = [];
    for (const [priority, name] of [
      [0, 'plain 1'],
      [1, 'low'],
      [1_000, 'highest'],
      [7, 'middle 1'],
      [0, 'plain 2'],
      [7, 'middle 2'],
    ] as const)
      runIds.push(await t.create({ jobs: ['a'], pool: 'mail', priority, programData: { name } }));
    await workTogether(t, occupancy.job('a'), 2);
    await allEnded(t, runIds);
    expect(occupancy.started.items).to.deep.equal([
      'highest',
      'middle 1',
      'middle 2',
      'low',
      'plain 1',
      'plain 2',
    ]);
  });

  it('those of a higher one take all free slots of a worker, as many as there are', async () => {
    const occupancy = new Occupancy();
    const low = Array.from({ length: 20 }, () => ({
      jobs: ['a'],
      pool: 'mail',
      programData: { name: 'low' },
    }));
    const runIds = await t.executor.createPrograms(low);
    runIds.push(
      ...(await t.executor.createPrograms(
        low.map((program) => ({ ...program, priority: 5, programData: { name: 'high' } })),
      )),
    );
    await t.work(occupancy.job('a'), { concurrency: 4 });
    await allEnded(t, runIds);
    expect(occupancy.started.items.slice(0, 20)).to.deep.equal(Array(20).fill('high'));
  });

  it('programs with a priority go before those that wait in no pool at all', async () => {
    const occupancy = new Occupancy();
    const [entered, goOn] = [gate(), gate()];
    await t.work(
      { ...occupancy.job('a'), ...job('first', () => (entered.open(), goOn.opened)) },
      { concurrency: 1 },
    );
    const runIds = [await t.create({ jobs: ['first'] })];
    await entered.opened;
    const plain = { jobs: ['a'], programData: { name: 'plain' } };
    // So many that only the poll finds most of them.
    runIds.push(...(await t.executor.createPrograms(Array.from({ length: 120 }, () => plain))));
    runIds.push(await t.create({ jobs: ['a'], priority: 1, programData: { name: 'urgent' } }));
    goOn.open();
    await allEnded(t, runIds);
    // Those that were rung for one by one, a third of them, may be with the worker already.
    expect(occupancy.started.items.indexOf('urgent')).to.be.at.most(50);
  });
});
