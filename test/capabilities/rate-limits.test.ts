import { expect } from 'chai';
import { RateLimitedError, type ProgramInput } from '../../index.js';
import { describeContract, job, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { allEnded, Occupancy, poolNamed, workTogether } from './occupancy.js';

const HOUR_MS = 3_600_000;
const named = (name: string, more: Partial<ProgramInput> = {}): ProgramInput => ({
  jobs: ['a'],
  pool: 'mail',
  programData: { name },
  ...more,
});
const many = (count: number, more: Partial<ProgramInput> = {}): ProgramInput[] =>
  Array.from({ length: count }, (_, index) => named(`${index}`, more));

/** When each attempt started, by the database clock. */
async function starts(t: Fixture): Promise<number[]> {
  const rows = await t.knex(`${t.table}_attempts`).select('started_at');
  return rows.map((row) => Number(row['started_at'])).sort((a, b) => a - b);
}

/** A job is started a moment after it was claimed, on a busy machine a long one. */
const LATE_MS = 300;

/** Most starts in any window. */
function busiest(times: readonly number[], windowMs: number): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));
}

describeContract('rate limits of pools', (t) => {
  it('TEM-35: a bucket that starts full and is refilled evenly bounds every window, and the long run', async () => {
    await t.executor.pools.set('mail', { rateLimit: { requests: 5, windowMs: 500 } });
    const runIds = await t.executor.createPrograms(many(15));
    await workTogether(t, job('a'));
    await allEnded(t, runIds);
    const times = await starts(t);
    expect(busiest(times, 500 - LATE_MS)).to.be.at.most(10);
    // The last ten come at 100 ms each, from the bucket's first token on.
    expect(times.at(-1)! - times[0]!).to.be.at.least(1_000 - LATE_MS);
  });

  it('TEM-35: setting the same limits again, as each process may that starts, fills no bucket', async () => {
    const rateLimit = { requests: 2, windowMs: HOUR_MS };
    await t.executor.pools.set('mail', { rateLimit });
    const runIds = await t.executor.createPrograms(many(4));
    await workTogether(t, job('a'));
    await eventually('two of them ended', async () => (await poolNamed(t, 'mail')).waiting === 2);
    await t.executor.pools.set('mail', { rateLimit, maxParallelism: 9 });
    await t.run({ jobs: ['a'] });
    expect(await poolNamed(t, 'mail')).to.include({ waiting: 2, tokens: 0, running: 0 });
    await t.executor.pools.set('mail', { rateLimit: { requests: 3, windowMs: HOUR_MS } });
    await allEnded(t, runIds);
    expect(await poolNamed(t, 'mail')).to.include({ tokens: 1 });
  });

  it('TEM-36: what waits for a token holds no slot, of its pool or of its worker, and does not run', async () => {
    await t.executor.pools.set('mail', {
      maxParallelism: 5,
      rateLimit: { requests: 1, windowMs: HOUR_MS },
    });
    const runIds = await t.executor.createPrograms(many(3));
    await t.work(job('a'), { concurrency: 1 });
    await eventually('one of them ended', async () => (await poolNamed(t, 'mail')).waiting === 2);
    await t.run({ jobs: ['a'] });
    expect(await poolNamed(t, 'mail')).to.include({ running: 0, waiting: 2, tokens: 0 });
    const views = await Promise.all(runIds.map((runId) => t.executor.getProgram(runId)));
    expect(views.filter((view) => view?.finishedAt)).to.have.length(1);
  });

  it('each key has a bucket of its own', async () => {
    await t.executor.pools.set('mail', { perKey: { rateLimit: { requests: 2, windowMs: HOUR_MS } } });
    const occupancy = new Occupancy();
    await t.executor.createPrograms(
      ['x', 'y', 'z'].flatMap((key) => [1, 2, 3].map(() => named(key, { concurrencyKey: key }))),
    );
    await workTogether(t, occupancy.job('a'));
    await occupancy.started.first(6);
    await eventually('six of them ended', async () => (await poolNamed(t, 'mail')).running === 0);
    await t.run({ jobs: ['a'], programData: { name: 'plain' } });
    expect(occupancy.started.items.sort()).to.deep.equal(['plain', 'x', 'x', 'y', 'y', 'z', 'z']);
    expect(await poolNamed(t, 'mail')).to.include({ waiting: 3 });
  });
});

describeContract('jobs that are rate limited', (t) => {
  /** The first of these says that it may not, for an hour; the others end. */
  const limitedOnce = (byThrowing: boolean) => {
    const names: string[] = [];
    const library = job('a', ({ programData }, _data, context) => {
      names.push(String(programData['name']));
      if (names.length > 1) return;
      if (byThrowing) throw new RateLimitedError(HOUR_MS);
      context.rateLimited(HOUR_MS);
    });
    return { names, library };
  };

  for (const byThrowing of [true, false])
    it(`hold their whole pool and spend no attempt, by ${byThrowing ? 'a RateLimitedError' : 'context.rateLimited'}`, async () => {
      const { names, library } = limitedOnce(byThrowing);
      const first = await t.create(named('first'));
      const worker = await t.work(library);
      await eventually('it is held', async () => (await t.attempts(first)).length > 0);
      await worker.stop();
      await t.create(named('second'));
      await t.work(library);
      await t.run(named('third', { pool: 'post' }));
      expect(names).to.deep.equal(['first', 'third']);
      expect(await t.outcomes(first)).to.deep.equal(['a deferred']);
      expect(t.log.count('rate-limited')).to.equal(1);
      expect(t.log.count('Consumer error finish')).to.equal(0);
      expect(await t.executor.getProgram(first)).to.include({ stepRetryCount: 0, erroredAt: null });
      const { heldUntil, ...pool } = await poolNamed(t, 'mail');
      expect(pool).to.include({ waiting: 2, running: 0 });
      expect(heldUntil!.getTime() - Date.now()).to.be.within(HOUR_MS - 60_000, HOUR_MS + 60_000);
    });

  it('hold a pool also when others of it end meanwhile, and when its limits are set again', async () => {
    const occupancy = new Occupancy().hold('long');
    const library = {
      ...occupancy.job('a'),
      ...job('limited', () => Promise.reject(new RateLimitedError(HOUR_MS))),
    };
    await t.executor.pools.set('mail', { maxParallelism: 2 });
    const long = await t.create(named('long'));
    await t.work(library);
    await occupancy.started.first(1);
    const limited = await t.create({ jobs: ['limited'], pool: 'mail' });
    await eventually('it is held', async () => (await t.attempts(limited)).length > 0);
    await t.create(named('later'));
    occupancy.letGo('long');
    await t.ended(long);
    await t.executor.pools.set('mail', { maxParallelism: 3 });
    await t.run({ jobs: ['a'], programData: { name: 'plain' } });
    expect(occupancy.started.items).to.deep.equal(['long', 'plain']);
    await t.executor.pools.resume('mail');
    await occupancy.started.first(3);
    expect(await poolNamed(t, 'mail')).to.not.have.property('heldUntil');
  });

  it('hold only their key where the pool has limits by key', async () => {
    const { names, library } = limitedOnce(true);
    await t.executor.pools.set('mail', { perKey: { maxParallelism: 2 } });
    const first = await t.create(named('x1', { concurrencyKey: 'x' }));
    await t.work(library);
    await eventually('it is held', async () => (await t.attempts(first)).length > 0);
    const second = await t.create(named('x2', { concurrencyKey: 'x' }));
    await t.run(named('y1', { concurrencyKey: 'y' }));
    expect(names).to.deep.equal(['x1', 'y1']);
    await t.executor.pools.resume('mail');
    await t.ended(second);
  });

  it('hold the whole pool, whatever their key, where it has none', async () => {
    const { names, library } = limitedOnce(true);
    const first = await t.create(named('x1', { concurrencyKey: 'x' }));
    await t.work(library);
    await eventually('it is held', async () => (await t.attempts(first)).length > 0);
    await t.create(named('y1', { concurrencyKey: 'y' }));
    await t.run(named('other', { pool: 'post' }));
    expect(names).to.deep.equal(['x1', 'other']);
  });

  it('go on by themselves when the time is over', async () => {
    const library = job('a', (_message, _data, context) => {
      if (tries++ === 0) context.rateLimited(300);
    });
    let tries = 0;
    await t.work(library);
    const { runId, finishedAt } = await t.run(named('x'));
    expect(finishedAt).to.be.a('date');
    expect(await t.outcomes(runId)).to.deep.equal(['a deferred', 'a succeeded']);
    const [before, after] = (await t.attempts(runId)).map((row) => Number(row['started_at']));
    expect(after! - before!).to.be.at.least(290);
  });
});
