import { expect } from 'chai';
import { RateLimitedError, RetryableError, type ProgramInput, type Why, type WhyCode } from '../../index.js';
import { describeContract, gate, job, rejection, withoutBroker } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { batchOf, failing, obedient, succeeding } from './batch-fixture.js';
import { Occupancy } from './occupancy.js';

const HOUR_MS = 3_600_000;
const inMail = (name: string, more: Partial<ProgramInput> = {}): ProgramInput => ({
  jobs: ['a'],
  pool: 'mail',
  programData: { name },
  ...more,
});

describeContract(
  'why a program is not running',
  (t) => {
    const why = (runId: string): Promise<Why> => t.executor.why(runId);

    async function expectWhy(runId: string, code: WhyCode, ...names: string[]): Promise<Why> {
      const answer = await why(runId);
      expect(answer, answer.message).to.include({ runId, code });
      for (const name of names) expect(answer.message).to.include(name);
      return answer;
    }

    /** A moment about an hour ahead that the sentence names. */
    function expectAnHour({ until, message }: Why): void {
      expect(Number(until) - Date.now()).to.be.within(HOUR_MS / 2, HOUR_MS * 1.5);
      expect(message).to.include(until?.toISOString());
    }

    /** A worker that runs this program, and is in the registry. */
    async function running(occupancy: Occupancy, concurrency = 10): Promise<string> {
      const { id } = await t.work(occupancy.job('a'), { concurrency });
      await eventually('the worker is in the registry', async () =>
        (await t.executor.workers()).some((worker) => worker.id === id),
      );
      await occupancy.started.first(1);
      return id;
    }

    it('there is no answer about a program that is not there', async () => {
      expect((await rejection(why('none'))).code).to.equal('PE_PROGRAM_NOT_FOUND');
    });

    it('no worker is alive; with one that does not know the job, no worker knows it', async () => {
      const runId = await t.create({ jobs: ['a'] });
      await expectWhy(runId, 'noWorker', 'start one');
      const { id } = await t.work(job('other'));
      const answer = await eventually('a worker has asked for it', async () => {
        const { code, until } = await why(runId);
        return code === 'unknownJob' && until !== undefined && why(runId);
      });
      expect(answer.message).to.include('job a, which is known to no worker');
      await t.knex(`${t.table}_workers`).where({ id }).update({ jobs: '["a","other"]' });
      await t.change(runId, { due_at: Date.now() + HOUR_MS });
      expect((await expectWhy(runId, 'unknownJob', `known to ${id}`)).blockedBy).to.deep.equal([id]);
    });

    it('it is to start later', async () => {
      expectAnHour(await expectWhy(await t.create({ jobs: ['a'] }, { runAfter: HOUR_MS }), 'start'));
    });

    it('it backs off after an error', async () => {
      const busy = new RetryableError('API is busy', 503, { retryAfterMs: HOUR_MS });
      await t.work(job('a', () => Promise.reject(busy)));
      const runId = await t.create({ jobs: ['a'] });
      await t.event('jobRetried', runId);
      expectAnHour(await expectWhy(runId, 'backOff', 'attempt 1 of job a', 'API is busy'));
    });

    it('its pool is full: who holds it', async () => {
      await t.executor.pools.set('mail', { maxParallelism: 1 });
      const occupancy = new Occupancy().hold('first');
      const first = await t.create(inMail('first'));
      await running(occupancy);
      const second = await t.create(inMail('second'));
      const { blockedBy } = await expectWhy(second, 'poolFull', 'pool mail', '1 of 1', `held by ${first}`);
      expect(blockedBy).to.deep.equal([first]);
      occupancy.letGo('first');
      await t.ended(second);
      await expectWhy(second, 'finished');
    });

    it('its pool has used up its rate', async () => {
      await t.executor.pools.set('mail', { rateLimit: { requests: 1, windowMs: HOUR_MS } });
      const occupancy = new Occupancy();
      const first = await t.create(inMail('first'));
      await running(occupancy);
      await t.ended(first);
      const second = await t.create(inMail('second'));
      const answer = await expectWhy(second, 'rateLimit', 'pool mail is used up');
      expectAnHour(answer);
      expect(answer.blockedBy).to.deep.equal(['mail']);
    });

    it('its pool, or its own job, was told to come back later', async () => {
      await t.work(job('a', () => Promise.reject(new RateLimitedError(HOUR_MS, 'slow down'))));
      const [first, plain] = [await t.create(inMail('first')), await t.create({ jobs: ['a'] })];
      for (const runId of [first, plain])
        await eventually('it was told', async () => (await why(runId)).code === 'rateLimit');
      for (const runId of [first, plain])
        expectAnHour(await expectWhy(runId, 'rateLimit', 'job a', 'slow down'));
      expectAnHour(await expectWhy(await t.create(inMail('second')), 'rateLimit', 'pool mail is held back'));
    });

    it('its key is full, or has used up its rate', async () => {
      await t.executor.pools.set('mail', { perKey: { maxParallelism: 1 } });
      await t.executor.pools.set('post', { perKey: { rateLimit: { requests: 1, windowMs: HOUR_MS } } });
      const occupancy = new Occupancy().hold('first');
      const first = await t.create(inMail('first', { concurrencyKey: 'shop' }));
      await running(occupancy);
      const second = await t.create(inMail('second', { concurrencyKey: 'shop' }));
      const full = await expectWhy(second, 'keyFull', 'key shop of pool mail', `held by ${first}`);
      expect(full.blockedBy).to.deep.equal([first]);
      const posted = { pool: 'post', concurrencyKey: 'shop' };
      await t.run(inMail('third', posted));
      const fourth = await t.create(inMail('fourth', posted));
      const limited = await eventually('the key has been asked again', async () => {
        const answer = await why(fourth);
        return answer.code === 'rateLimit' && answer;
      });
      expect(limited.message).to.include('key shop of pool post is used up');
      expectAnHour(limited);
      occupancy.letGo('first');
    });

    it('others of its pool come first while all workers are full', async () => {
      const occupancy = new Occupancy().hold('plain');
      await t.create({ jobs: ['a'], programData: { name: 'plain' } });
      await running(occupancy, 1);
      const ofKey = (concurrencyKey: string) => t.create(inMail('x', { concurrencyKey }));
      const [first, , behind] = [await ofKey('a'), await ofKey('a'), await ofKey('b')];
      await expectWhy(first, 'worker');
      await expectWhy(behind, 'turn', 'pool mail', '0 programs of its line and 1 other lines');
      occupancy.letGo('plain');
    });

    it('its batch was interrupted: because of what', async () => {
      await batchOf(t, [failing('outage'), succeeding], { code: 'march', interruption: { maxErrored: 1 } });
      await t.work(obedient, { concurrency: 1 });
      await t.executor.batches.waitFor('march', { intervalMs: 20 });
      const open = await t.knex(t.table).whereNull('errored_at').first('run_id');
      const answer = await expectWhy(
        String(open?.['run_id']),
        'batchInterrupted',
        'march is interrupted (errored: 1',
      );
      expect(answer.blockedBy).to.deep.equal(['march']);
    });

    it('its batch was cancelled, and somebody took its own end back by hand', async () => {
      await batchOf(t, [succeeding], { code: 'march' });
      const runId = String((await t.knex(t.table).first('run_id'))?.['run_id']);
      await t.executor.batches.cancel('march');
      await t.change(runId, { errored_at: null });
      await t.work(obedient);
      await eventually('its batch counts it as open', async () => {
        return (await t.executor.batches.stats('march')).waiting === 1;
      });
      const answer = await expectWhy(runId, 'batchInterrupted', 'march was cancelled, so it does not start');
      expect(answer.blockedBy).to.deep.equal(['march']);
    });

    it('its batch, its pool or the whole queue is paused', async () => {
      await batchOf(t, [{ ...succeeding, pool: 'mail' }], { code: 'march' });
      const runId = String((await t.knex(t.table).first('run_id'))?.['run_id']);
      await t.executor.batches.pause('march');
      await expectWhy(runId, 'batchPaused', 'march');
      await t.executor.batches.resume('march');
      await t.executor.pools.pause('mail');
      await expectWhy(runId, 'poolPaused', 'mail');
      await t.executor.pools.resume('mail');
      await t.executor.pools.set('mail', { maxParallelism: 0 });
      await expectWhy(runId, 'poolPaused', 'mail');
      await t.executor.pause();
      await expectWhy(runId, 'queuePaused');
      await expectWhy(await t.create({ jobs: ['a'] }), 'queuePaused');
      const later = await t.create({ jobs: ['a'], concurrencyKey: 'shop' }, { runAfter: HOUR_MS });
      await expectWhy(later, 'start');
    });

    it('a worker runs it; when that is lost, until when', async () => {
      const occupancy = new Occupancy().hold('first');
      const runId = await t.create({ jobs: ['a'], programData: { name: 'first' } });
      const id = await running(occupancy);
      const { until, blockedBy, message } = await expectWhy(runId, 'running', 'job a', id);
      expect(blockedBy).to.deep.equal([id]);
      expect(message).to.include(until?.toISOString());
      await t.knex(`${t.table}_workers`).where({ id }).update({ seen_at: 1 });
      const lost = await expectWhy(runId, 'workerLost', id, new Date(1).toISOString());
      expect(lost.blockedBy).to.deep.equal([id]);
      expect(lost.message).to.include(lost.until?.toISOString());
      occupancy.letGo('first');
    });

    it('a program whose worker has died waits for a worker, in a line too', async () => {
      for (const program of [{ jobs: ['a'] }, inMail('x')]) {
        const runId = await t.create(program);
        await t.change(runId, { claimed_by: 'dead', claimed_until: 1, ready_at: null });
        await expectWhy(runId, 'noWorker');
      }
    });

    it('it expired', async () => {
      const expiresAt = Date.now() + 100;
      const runId = await t.create({ jobs: ['a'], expiresAt }, { runAfter: 200 });
      await t.work(job('a'));
      await t.ended(runId);
      await expectWhy(runId, 'expired', 'expiresAt');
    });

    it('somebody cancelled it by a call: who, and why', async () => {
      const runId = await t.create({ jobs: ['a'] });
      await t.executor.cancel(runId, 'no longer needed', { by: 'ann' });
      await expectWhy(runId, 'cancelled', 'by ann', 'no longer needed');
      await t.executor.editJobData(runId, 'a', { corrected: true }, { by: 'bob' });
      await expectWhy(runId, 'cancelled', 'by ann');
    });

    it('somebody set errored_at by hand, also of a program that had an error before', async () => {
      await t.work(job('a', () => Promise.reject(new RetryableError('x', 503, { retryAfterMs: HOUR_MS }))));
      const retried = await t.create({ jobs: ['a'] });
      await t.event('jobRetried', retried);
      for (const runId of [retried, await t.create({ jobs: ['a'] }, { runAfter: HOUR_MS })]) {
        await t.change(runId, { errored_at: t.knex.fn.now() });
        await expectWhy(runId, 'cancelled', 'by hand');
        expect(await t.executor.status(runId)).to.include({ isCancelled: true, isEndedByHand: true });
      }
    });

    it('it failed, or is finished', async () => {
      await t.work({ ...job('a'), ...job('b', () => Promise.reject(new Error('no such shop'))) });
      await expectWhy((await t.run({ jobs: ['a'] })).runId, 'finished');
      const { runId } = await t.run({ jobs: ['b'] });
      await expectWhy(runId, 'errored', 'job b', 'no such shop');
      expect(await t.executor.status(runId)).to.not.have.any.keys('isCancelled', 'isEndedByHand');
    });

    it('it is a row of the older library, which waits for its message', async () => {
      const runId = await t.create({ jobs: ['a'] });
      await t.change(runId, { due_at: String(Number.MAX_SAFE_INTEGER) });
      await expectWhy(runId, 'message', 'resumeProgram');
    });

    it('a worker that is free is about to claim it; one that is full is named', async () => {
      const blocked = gate();
      const { id } = await t.work(
        job('a', () => blocked.opened),
        { concurrency: 1 },
      );
      await t.create({ jobs: ['a'] });
      await eventually('the worker is in the registry', async () => (await t.executor.workers()).length > 0);
      const next = await t.create({ jobs: ['a'] });
      await eventually('only the second waits', async () => (await why(next)).code === 'worker');
      await t.knex(`${t.table}_workers`).where({ id }).update({ running: 1 });
      expect((await expectWhy(next, 'worker', id)).blockedBy).to.deep.equal([id]);
      blocked.open();
    });
  },
  withoutBroker,
);
