import { expect } from 'chai';
import { RetryableError } from '../../index.js';
import { describeContract, gate, job, rejection } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { allEnded, Occupancy, poolNamed, workTogether } from './occupancy.js';

const named = (name: string, pool = 'mail') => ({ jobs: ['a'], pool, programData: { name } });

describeContract('pools', (t) => {
  it('WP-14, TEM-33: never more run than maxParallelism over all workers, and as many as that do', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `${index}`);
    const occupancy = new Occupancy();
    await t.executor.pools.set('mail', { maxParallelism: 3 });
    const runIds = await t.executor.createPrograms(names.map((name) => named(name)));
    occupancy.hold(...names);
    await workTogether(t, occupancy.job('a'));
    for (const count of names.keys()) {
      const [first] = (await occupancy.started.first(count + 1)).slice(-1);
      if (count >= 2) occupancy.letGo(occupancy.started.items[count - 2] ?? '');
      expect(first).to.be.a('string');
    }
    occupancy.letGo(...names);
    await allEnded(t, runIds);
    expect(occupancy.peak).to.equal(3);
    expect(await poolNamed(t, 'mail')).to.include({ running: 0, waiting: 0, maxParallelism: 3 });
  });

  it('WP-16: a maxParallelism of 1 loses no update of a counter that is read and written apart', async () => {
    let counter = 0;
    const count = async (): Promise<void> => {
      const read = counter;
      await new Promise(setImmediate);
      counter = read + 1;
    };
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const runIds = await t.executor.createPrograms(Array.from({ length: 20 }, () => named('x')));
    await workTogether(t, job('a', count));
    await allEnded(t, runIds);
    expect(counter).to.equal(20);
  });

  it('WP-1: a full pool with a long line keeps neither other pools nor plain programs waiting', async () => {
    const occupancy = new Occupancy().hold('slow');
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const slow = await t.create(named('slow'));
    await workTogether(t, occupancy.job('a'), 2, 2);
    await occupancy.started.first(1);
    const behind = await t.executor.createPrograms(Array.from({ length: 50 }, () => named('behind')));
    const others = [
      await t.create(named('other', 'post')),
      await t.create({ jobs: ['a'], programData: { name: 'plain' } }),
    ];
    await allEnded(t, others);
    expect(await poolNamed(t, 'mail')).to.include({ running: 1, waiting: behind.length });
    expect(await poolNamed(t, 'post')).to.include({ running: 0, waiting: 0 });
    occupancy.letGo('slow');
    await allEnded(t, [slow, ...behind]);
    expect(occupancy.started.items.filter((name) => name === 'behind')).to.have.length(50);
  });

  it('WP-1: two executors on one table share the pool', async () => {
    const occupancy = new Occupancy().hold('x', 'y');
    const other = t.createExecutor();
    await other.pools.set('mail', { maxParallelism: 1 });
    const runIds = [await t.create(named('x')), await other.createProgram(named('y'))];
    await workTogether(t, occupancy.job('a'));
    const [first] = await occupancy.started.first(1);
    expect(await poolNamed(t, 'mail')).to.include({ running: 1, waiting: 1 });
    occupancy.letGo('x', 'y');
    await allEnded(t, runIds);
    expect([first, occupancy.peak]).to.deep.equal([occupancy.started.items[0], 1]);
  });

  it('WP-2: limits that make no sense are refused, naming the limit, and change nothing', async () => {
    await t.executor.pools.set('mail', { maxParallelism: 2 });
    for (const [limits, key] of [
      [{ maxParallelism: -1 }, 'maxParallelism'],
      [{ maxParallelism: 1.5 }, 'maxParallelism'],
      [{ maxParallelism: '3' }, 'maxParallelism'],
      [{ maxParallelism: 1_000_001 }, 'maxParallelism'],
      [{ rateLimit: { requests: 0, windowMs: 10 } }, 'rateLimit.requests'],
      [{ rateLimit: { requests: 1 } }, 'rateLimit.windowMs'],
      [{ rateLimit: { requests: 1_000_000, windowMs: 366 * 24 * 3_600_000 } }, 'rateLimit'],
      [{ perKey: { maxParallelism: NaN } }, 'perKey.maxParallelism'],
      [{ perKey: { perKey: {} } }, 'perKey.perKey'],
      [{ maxparallelism: 1 }, 'maxparallelism'],
      [null, 'limits'],
    ] as const) {
      const error = await rejection(t.executor.pools.set('mail', limits as never));
      expect(error, key).to.include({ code: 'PE_CONFIG', key });
    }
    for (const name of ['', 'x'.repeat(256), 'nul\u0000', 'ends in a space ', 7])
      expect((await rejection(t.executor.pools.set(name as string, {}))).key).to.equal('name');
    expect(await t.executor.pools.list()).to.deep.equal([
      { name: 'mail', isPaused: false, running: 0, waiting: 0, maxParallelism: 2, holders: [] },
    ]);
  });

  it('WP-2, WP-7: a pool that nobody has set has no limit; whoever sets one last has it', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `${index}`);
    const occupancy = new Occupancy().hold(...names);
    const runIds = await t.executor.createPrograms(names.map((name) => named(name)));
    await workTogether(t, occupancy.job('a'), 1, 20);
    await occupancy.started.first(12);
    expect(await poolNamed(t, 'mail')).to.not.have.any.keys('maxParallelism', 'rateLimit', 'tokens');
    await t.executor.pools.set('mail', { maxParallelism: 5, perKey: { maxParallelism: 2 } });
    await t.createExecutor().pools.set('mail', { maxParallelism: 7 });
    expect(await poolNamed(t, 'mail')).to.include({ maxParallelism: 7, running: 12 });
    expect(await poolNamed(t, 'mail')).to.not.have.property('perKey');
    occupancy.letGo(...names);
    await allEnded(t, runIds);
  });

  it('WP-7, WP-47: raising maxParallelism from 0 starts at once what waits, by any executor’s call', async () => {
    const occupancy = new Occupancy().hold('0', '1', '2', '3');
    await t.executor.pools.set('mail', { maxParallelism: 0 });
    const runIds = await t.executor.createPrograms(['0', '1', '2', '3'].map((name) => named(name)));
    await workTogether(t, occupancy.job('a'));
    await t.run({ jobs: ['a'], programData: { name: 'plain' } });
    expect(await poolNamed(t, 'mail')).to.include({ running: 0, waiting: 4, maxParallelism: 0 });
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    await occupancy.started.first(2);
    await t.createExecutor().pools.set('mail', { maxParallelism: 3 });
    await occupancy.started.first(4);
    expect(await poolNamed(t, 'mail')).to.include({ running: 3, waiting: 1 });
    await t.executor.pools.set('mail', { maxParallelism: 0 });
    occupancy.letGo('0', '1', '2', '3');
    await eventually('three of them ended', async () => (await poolNamed(t, 'mail')).running === 0);
    expect(await poolNamed(t, 'mail')).to.include({ running: 0, waiting: 1 });
    await t.executor.pools.set('mail', {});
    await allEnded(t, runIds);
  });

  it('WP-15: what backs off for a retry holds no slot', async () => {
    const seen: string[] = [];
    const library = job('a', ({ programData }) => {
      seen.push(String(programData['name']));
      if (programData['name'] === 'first')
        throw new RetryableError('later', undefined, { retryAfterMs: 3_600_000 });
    });
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const first = await t.create(named('first'));
    await t.work(library);
    await t.event('jobRetried', first);
    await t.run(named('second'));
    expect(seen).to.deep.equal(['first', 'second']);
    expect(await poolNamed(t, 'mail')).to.include({ running: 0, waiting: 1 });
  });

  it('WP-17: what came first is started first, and what becomes due later is found without a hint', async () => {
    const occupancy = new Occupancy();
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const late = await t.create(named('late'), { runAfter: 1_500 });
    const runIds: string[] = [];
    for (const name of ['1', '2', '3', '4', '5']) runIds.push(await t.create(named(name)));
    await workTogether(t, occupancy.job('a'), 1);
    await allEnded(t, [...runIds, late]);
    expect(occupancy.started.items).to.deep.equal(['1', '2', '3', '4', '5', 'late']);
  });

  it('WP-47: a paused pool starts nothing, and goes on when it is resumed', async () => {
    const occupancy = new Occupancy();
    await t.executor.pools.pause('mail');
    const runId = await t.create(named('x'));
    await workTogether(t, occupancy.job('a'));
    await t.run(named('y', 'post'));
    expect(await poolNamed(t, 'mail')).to.include({ isPaused: true, waiting: 1, running: 0 });
    await t.executor.pools.resume('mail');
    await t.ended(runId);
    expect(occupancy.started.items).to.deep.equal(['y', 'x']);
  });

  it('a run whose slot was given away writes nothing more, though nobody has claimed its program yet', async () => {
    const occupancy = new Occupancy().hold('zombie', 'next');
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const zombie = await t.create(named('zombie'));
    await workTogether(t, occupancy.job('a'), 2);
    await occupancy.started.first(1);
    const next = await t.create(named('next'));
    // When it waits again, it does so behind the next one, which takes the slot that the sweep finds.
    const { ready_at: readyAt } = await t.row(zombie);
    await t.change(next, { ready_at: readyAt });
    await t.change(zombie, { claimed_until: 1 });
    // Its hint makes a worker look now, before the zombie renews its lease.
    const last = await t.create(named('last'));
    await occupancy.started.first(2);
    occupancy.letGo('zombie');
    await t.event('leaseLost', zombie);
    expect(await t.outcomes(zombie)).to.deep.equal([]);
    expect(await poolNamed(t, 'mail')).to.include({ running: 1, waiting: 2 });
    occupancy.letGo('next');
    await allEnded(t, [zombie, next, last]);
    expect(await t.outcomes(zombie)).to.deep.equal(['a succeeded']);
  });

  it('tells who holds the slots of a pool, and how many wait', async () => {
    const occupancy = new Occupancy().hold('x');
    await t.executor.pools.set('mail', {
      maxParallelism: 1,
      rateLimit: { requests: 5, windowMs: 3_600_000 },
    });
    const [held] = await t.executor.createPrograms([
      { ...named('x'), concurrencyKey: 'tenant' },
      named('y'),
      named('z'),
    ]);
    const worker = await t.work(occupancy.job('a'));
    await occupancy.started.first(1);
    const { holders, ...pool } = await poolNamed(t, 'mail');
    expect(pool).to.deep.equal({
      name: 'mail',
      isPaused: false,
      running: 1,
      waiting: 2,
      tokens: 4,
      maxParallelism: 1,
      rateLimit: { requests: 5, windowMs: 3_600_000 },
    });
    expect(holders).to.have.length(1);
    expect(holders[0]).to.include({ runId: held, key: 'tenant' });
    expect(holders[0]!.claimedBy.startsWith(`${worker.id}:`)).to.equal(true);
    occupancy.letGo('x');
    await t.ended(held!);
  });

  it('a job’s pool is held for its step alone; after it, the program holds what it held before', async () => {
    const [inside, goOn] = [gate(), gate()];
    const library = {
      ...job('before'),
      ...job('mailing', () => (inside.open(), goOn.opened), { pool: 'mail' }),
      ...job('after', async () => void after.push((await poolNamed(t, 'mail')).running)),
    };
    const after: number[] = [];
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    await t.executor.pools.set('own', { maxParallelism: 1 });
    const jobs = ['before', 'mailing', 'after'];
    const runIds = [await t.create({ jobs }), await t.create({ jobs, pool: 'own' })];
    await t.work(library);
    await inside.opened;
    expect(await poolNamed(t, 'mail')).to.include({ running: 1 });
    goOn.open();
    await allEnded(t, runIds);
    for (const runId of runIds)
      expect(await t.outcomes(runId)).to.deep.equal(jobs.map((name) => `${name} succeeded`));
    // The other program may be in it just then.
    for (const running of after) expect(running).to.be.at.most(1);
    for (const name of ['mail', 'own'])
      expect(await poolNamed(t, name)).to.include({ running: 0, waiting: 0 });
  });

  it('plain programs and those of pools do not starve each other', async () => {
    const occupancy = new Occupancy();
    const plain = { jobs: ['a'], programData: { name: 'plain' } };
    await t.executor.createPrograms(Array.from({ length: 150 }, () => [plain, named('pooled')]).flat());
    await workTogether(t, occupancy.job('a'), 1, 2);
    const order = await occupancy.started.first(300);
    for (const name of ['plain', 'pooled']) {
      expect(order.indexOf(name), name).to.be.below(60);
      expect(order.filter((each) => each === name)).to.have.length(150);
    }
    const half = order.slice(0, 150).filter((name) => name === 'plain').length;
    expect(half).to.be.within(20, 130);
  });
});
