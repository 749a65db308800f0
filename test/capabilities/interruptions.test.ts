import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError, type InterruptionCriteria, type ProgramInput } from '../../index.js';
import { describeContract, gate, job, rejection } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import {
  batchOf,
  failing,
  NOTHING,
  obedient,
  runOneByOne,
  statsBecome,
  succeeding,
  times,
} from './batch-fixture.js';

interface Boundary {
  readonly title: string;
  readonly interruption: InterruptionCriteria;
  /** Run one after the other. */
  readonly programs: readonly ProgramInput[];
  /** How many have ended when the batch stops; undefined: it does not, and completes. */
  readonly stopsAfter?: number;
  readonly reason?: string;
}

const tooMany = failing('Request failed with status code 429');
const limited = failing('Rate limit exceeded');
const server = failing('Server answered 503');
const gateway = failing('Bad Gateway');

const BOUNDARIES: readonly Boundary[] = [
  {
    title: 'TEM-39: maxErrorRate 0.3 of 10 programs, at the 4th error',
    interruption: { maxErrorRate: 0.3 },
    programs: times(10, failing()),
    stopsAfter: 4,
    reason: 'error_rate',
  },
  {
    title: 'TEM-39: not at a rate of just 0.3',
    interruption: { maxErrorRate: 0.3 },
    programs: [...times(3, failing()), ...times(7, succeeding)],
  },
  {
    title: 'TEM-40: maxErrored 3, at the 3rd error',
    interruption: { maxErrored: 3 },
    programs: [failing(), succeeding, failing(), failing(), ...times(3, succeeding)],
    stopsAfter: 4,
    reason: 'errored',
  },
  {
    title: 'TEM-40: not at 2 of 3',
    interruption: { maxErrored: 3 },
    programs: [...times(2, failing()), ...times(3, succeeding)],
  },
  {
    title: 'TEM-41: maxConsecutiveErrors 2, at the 2nd in a row',
    interruption: { maxConsecutiveErrors: 2 },
    programs: [failing(), succeeding, failing(), failing(), ...times(3, succeeding)],
    stopsAfter: 4,
    reason: 'consecutive_errors',
  },
  {
    title: 'TEM-41: not while a success comes between',
    interruption: { maxConsecutiveErrors: 2 },
    programs: [failing(), succeeding, failing(), succeeding, failing(), succeeding],
  },
  {
    title: 'TEM-42: maxRateLimitHits 2, at the 2nd error that tells of one',
    interruption: { maxRateLimitHits: 2 },
    programs: [tooMany, failing(), server, limited, ...times(3, succeeding)],
    stopsAfter: 4,
    reason: 'rate_limit_hits',
  },
  {
    title: 'TEM-43: maxServerErrors 2, at the 2nd error that tells of one',
    interruption: { maxServerErrors: 2 },
    programs: [server, failing(), tooMany, gateway, ...times(3, succeeding)],
    stopsAfter: 4,
    reason: 'server_errors',
  },
  {
    title: 'TEM-46: of several that are met at once, the first in TEM’s order is the reason',
    interruption: {
      maxErrorRate: 0.1,
      maxErrored: 1,
      maxServerErrors: 1,
      maxRateLimitHits: 1,
      maxConsecutiveErrors: 1,
    },
    programs: [failing('429 and 503'), ...times(3, succeeding)],
    stopsAfter: 1,
    reason: 'consecutive_errors',
  },
];

describeContract('interruptions of batches', (t) => {
  for (const { title, interruption, programs, stopsAfter, reason } of BOUNDARIES)
    it(title, async () => {
      const { batch, stats } = await runOneByOne(t, programs, { interruption });
      const rows = await t.executor.batches.interruptions(batch);
      expect(batch.status).to.equal(reason === undefined ? 'completed' : 'interrupted');
      expect(stats.finished + stats.errored).to.equal(stopsAfter ?? programs.length);
      expect(stats.waiting).to.equal(programs.length - (stopsAfter ?? programs.length));
      expect(rows.map((row) => row.reason)).to.deep.equal(reason === undefined ? [] : [reason]);
    });

  it('TEM-41, decided otherwise: a retry is no error, and another batch’s errors do not count', async () => {
    const once = job('once', (_message, _data, { attempt }) => {
      if (attempt < 3) throw new RetryableError('once more', undefined, { retryAfterMs: 1 });
    });
    const interruption = { maxConsecutiveErrors: 2 };
    const mixed = await batchOf(t, times(2, { jobs: ['once'] }), { code: 'retried', interruption });
    const other = await batchOf(t, [failing()], { code: 'other', interruption });
    await t.executor.batches.addPrograms(mixed, [failing()]);
    await t.work({ ...obedient, ...once }, { concurrency: 1 });
    for (const batch of [mixed, other])
      expect((await t.executor.batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
    expect(await t.executor.batches.stats(mixed)).to.include({ finished: 2, errored: 1, retried: 4 });
  });

  it('TEM-42: an attempt that was retried counts as a hit, and so does one that its pool holds for', async () => {
    const hit = job('hit', (_message, _data, { attempt, rateLimited }) => {
      if (attempt === 1) throw new RetryableError('429', undefined, { retryAfterMs: 1 });
      return rateLimited(60_000);
    });
    const batch = await batchOf(t, times(3, { jobs: ['hit'], pool: 'mail' }), {
      interruption: { maxRateLimitHits: 4 },
    });
    await t.work(hit, { concurrency: 1 });
    await eventually(
      'it is interrupted',
      async () => (await t.executor.batches.get(batch.id))?.status === 'interrupted',
    );
    const [row] = await t.executor.batches.interruptions(batch);
    expect(row).to.include({ reason: 'rate_limit_hits' });
    expect(row!.stats).to.deep.include({ total: 3, retried: 3 });
  });

  it('TEM-44: jobTimeoutMs gives each job its deadline, and stops the batch when a job fails after it', async () => {
    const seen: number[] = [];
    const slow = job('slow', async ({ programData }, _data, { deadline }) => {
      seen.push(deadline!.getTime() - Date.now());
      await delay(programData.ms);
      if (programData.fails) throw new Error('too late');
    });
    const of = (ms: number, fails: boolean) => ({ jobs: ['slow'], programData: { ms, fails } });
    const batch = await batchOf(t, [of(400, false), of(0, true), of(400, true), of(0, false)], {
      interruption: { jobTimeoutMs: 300 },
    });
    await t.work(slow, { concurrency: 1 });
    expect(await t.executor.batches.waitFor(batch, { intervalMs: 20 })).to.include({ status: 'interrupted' });
    expect(await t.executor.batches.stats(batch)).to.include({ finished: 1, errored: 2, waiting: 1 });
    const [row] = await t.executor.batches.interruptions(batch);
    expect(row).to.include({ reason: 'job_timeout' });
    for (const ms of seen) expect(ms).to.be.within(1, 300);
  });

  it('TEM-44: a job has no deadline without a limit', async () => {
    const seen: unknown[] = [];
    await t.work(job('a', (_message, _data, { deadline }) => void seen.push(deadline)));
    await t.executor.batches.waitFor(await batchOf(t, [succeeding]), { intervalMs: 20 });
    await t.run(succeeding);
    expect(seen).to.deep.equal([undefined, undefined]);
  });

  it('TEM-45, decided otherwise: maxRuntimeMs stops a batch of slow successes', async () => {
    const slow = job('a', () => delay(100));
    const batch = await batchOf(t, times(100, succeeding), { interruption: { maxRuntimeMs: 1_000 } });
    await t.work(slow, { concurrency: 1 });
    expect(await t.executor.batches.waitFor(batch, { intervalMs: 20 })).to.include({ status: 'interrupted' });
    const [row, ...others] = await t.executor.batches.interruptions(batch);
    expect(others).to.deep.equal([]);
    expect(row!.reason).to.equal('runtime_exceeded');
    expect(row!.message).to.match(/^\d+ ms of runtime, more than 1000$/);
    const stats = await t.executor.batches.stats(batch);
    expect(stats.waiting).to.be.greaterThan(0);
    expect(stats.errored).to.equal(0);
  });

  it('TEM-47, decided otherwise: a batch’s criteria come over the executor’s, key by key', async () => {
    const executor = t.createExecutor({ interruption: { maxErrored: 1, maxRuntimeMs: 60_000 } });
    const { interruption } = await executor.batches.create({
      code: 'batch',
      interruption: { maxErrored: 5, maxServerErrors: 2 },
    });
    expect(interruption).to.deep.equal({ maxErrored: 5, maxServerErrors: 2, maxRuntimeMs: 60_000 });
    const plain = await executor.batches.create({ code: 'plain' });
    expect(plain.interruption).to.deep.equal({ maxErrored: 1, maxRuntimeMs: 60_000 });
    const wrong = await rejection(executor.batches.create({ code: 'c', interruption: { maxErrorRate: 2 } }));
    expect(wrong.message).to.contain('batch.interruption.maxErrorRate');
  });

  it('TEM-48, TEM-51: what runs goes on to its end, the rest waits, and other batches go on, on two workers', async () => {
    const [hold, entered] = [gate(), [] as string[]];
    const wait = job('hold', ({ runId }) => {
      entered.push(runId);
      return hold.opened;
    });
    const library = { ...obedient, ...wait };
    const batch = await batchOf(t, [...times(4, { jobs: ['hold', 'a'] }), ...times(4, succeeding)]);
    await t.work(library, { concurrency: 2 });
    await t.work(library, { concurrency: 2 }, t.createExecutor());
    await eventually('all are busy', () => Promise.resolve(entered.length === 4));
    await t.executor.batches.interrupt(batch, 'The printer is out of paper');
    hold.open();
    const other = await batchOf(t, times(4, succeeding), { code: 'other' });
    expect((await t.executor.batches.waitFor(other, { intervalMs: 20 })).status).to.equal('completed');
    expect((await t.executor.batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('interrupted');
    await t.run(succeeding);
    expect(await t.executor.batches.stats(batch)).to.deep.equal({
      ...NOTHING,
      total: 8,
      waiting: 4,
      finished: 4,
    });
    expect(entered).to.have.length(4);
  });

  it('TEM-49, TEM-50: each interruption is a row with reason, message and statistics, newest first', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, [failing(), ...times(3, succeeding)], { interruption: { maxErrored: 1 } });
    await t.work(obedient, { concurrency: 1 });
    await batches.waitFor(batch, { intervalMs: 20 });
    await batches.interrupt(batch, 'interrupted already: no second row');
    await batches.pause(batch);
    await batches.resume(batch);
    await batches.interrupt(batch).catch(() => undefined);
    const [newest, oldest, ...others] = await batches.interruptions(batch);
    expect(others).to.deep.equal([]);
    expect(newest).to.include({ reason: 'manual', message: 'Interrupted by hand' });
    expect(oldest).to.deep.include({
      reason: 'errored',
      message: '1 programs errored, the limit is 1',
      stats: { total: 4, finished: 0, errored: 1, cancelled: 0, retried: 0 },
    });
    expect(oldest!.createdAt).to.be.a('date');
    expect(oldest!.createdAt.getTime()).to.be.at.most(newest!.createdAt.getTime());
  });

  it('TEM-52: resume alone is enough, and the criteria count from there', async () => {
    const { batches } = t.executor;
    const { batch } = await runOneByOne(t, times(5, failing()), { interruption: { maxErrored: 2 } });
    expect(batch.status).to.equal('interrupted');
    await batches.resume(batch);
    expect(await batches.waitFor(batch, { intervalMs: 20 })).to.include({ status: 'interrupted' });
    await statsBecome(t, batch, { total: 5, waiting: 1, errored: 4 });
  });

  it('TEM-12, TEM-52: errors that were retried make no room for others', async () => {
    const { batches } = t.executor;
    const { batch } = await runOneByOne(t, times(6, failing()), { interruption: { maxErrored: 2 } });
    await batches.resume(batch);
    await batches.waitFor(batch, { intervalMs: 20 });
    expect(await batches.retryErrored(batch)).to.equal(4);
    await statsBecome(t, batch, { total: 6, waiting: 6 });
    await batches.resume(batch);
    await batches.waitFor(batch, { intervalMs: 20 });
    await statsBecome(t, batch, { total: 6, waiting: 4, errored: 2 });
  });

  for (const [title, interruption, error] of [
    ['errors in a row', { maxConsecutiveErrors: 3 }, 'no'],
    ['rate limit hits', { maxRateLimitHits: 3 }, '429'],
    ['server errors', { maxServerErrors: 3 }, '503'],
    ['errors', { maxErrored: 3 }, 'no'],
  ] as const)
    it(`TEM-12: ${title} of before a batch completed do not stop it when its programs are retried`, async () => {
      const { batches } = t.executor;
      const { batch } = await runOneByOne(t, times(3, failing(error)), { interruption });
      expect(batch.status).to.equal('completed');
      await t.knex(t.table).update({ program_data: '{}' });
      await batches.retryErrored(batch);
      expect((await batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
      expect(await batches.stats(batch)).to.include({ finished: 3, errored: 0 });
      expect(await batches.interruptions(batch)).to.deep.equal([]);
    });

  it('the criteria of a batch that had completed count from the programs that are added, or retried, then', async () => {
    const { batches } = t.executor;
    const { batch } = await runOneByOne(t, times(3, failing()), { interruption: { maxErrored: 3 } });
    await batches.addPrograms(batch, [...times(2, failing()), succeeding]);
    expect((await batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
    expect(await batches.stats(batch)).to.include({ finished: 1, errored: 5 });
    await batches.retryErrored(batch);
    expect((await batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('interrupted');
    await statsBecome(t, batch, { total: 6, waiting: 2, finished: 1, errored: 3 });
  });

  it('the runtime of a batch that had completed counts from its new programs', async () => {
    const { batches } = t.executor;
    const { batch } = await runOneByOne(t, [succeeding], { interruption: { maxRuntimeMs: 60_000 } });
    const twoMinutesAgo = Date.now() - 120_000;
    await t.knex(`${t.table}_batches`).update({ created_at: twoMinutesAgo });
    await batches.addPrograms(batch, times(3, succeeding));
    expect((await batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
    const [first] = await t.knex(t.table).orderBy('id').limit(1).pluck('run_id');
    await t.knex(`${t.table}_batches`).update({ resumed_at: twoMinutesAgo });
    await t.executor.retry(String(first));
    expect((await batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
    expect(await batches.interruptions(batch)).to.deep.equal([]);
  });

  it('TEM-53: whether a batch is active is its status, and a pause is beside it', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, [succeeding]);
    await batches.pause(batch);
    await t.work(obedient);
    await t.run(succeeding);
    expect(await batches.get(batch.id)).to.include({ status: 'active', isPaused: true });
    expect(await batches.stats(batch)).to.include({ waiting: 1 });
    await batches.resume(batch);
    expect(await batches.waitFor(batch, { intervalMs: 20 })).to.include({
      status: 'completed',
      isPaused: false,
    });
  });
});
