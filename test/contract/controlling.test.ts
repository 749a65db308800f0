import { expect } from 'chai';
import { RateLimitedError, RetryableError, type Worker } from '../../index.js';
import { decorated } from '../../src/decorators.js';
import { aborted, describeContract, gate, job, rejection, withoutBroker } from './harness.js';

const HOUR_MS = 3_600_000;

describeContract(
  'cancelling and resuming',
  (t) => {
    it('EM-45: errored_at set by hand before the start: no job runs; cleared by hand, it goes on', async () => {
      const runId = await t.create({ jobs: ['a', 'b'] });
      await t.change(runId, { errored_at: t.knex.fn.now() });
      await t.work({ ...job('a'), ...job('b') });
      await t.run({ jobs: ['a'] });
      expect(await t.attempts(runId)).to.deep.equal([]);
      await t.change(runId, { errored_at: null });
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
    });

    it('EM-21, EM-45: errored_at set by hand in mid-run: no later job starts, never both timestamps', async () => {
      const hit = async ({ runId }: { runId: string }) => t.change(runId, { errored_at: t.knex.fn.now() });
      await t.work({ ...job('hit', hit), ...job('b') });
      for (const jobs of [['hit', 'b'], ['hit']]) {
        const runId = await t.create({ jobs });
        await t.event('leaseLost', runId);
        expect(await t.row(runId)).to.include({ finished_at: null, step: 0 });
        expect(await t.attempts(runId)).to.deep.equal([]);
      }
      expect(t.log.count('execution-cancelled')).to.equal(2);
    });

    it('cancelProgram aborts the running job at the next heartbeat; resumeProgram goes on from its step', async () => {
      const started = gate();
      const wait = job('b', async (_m, _d, { signal, fence }) => {
        if (fence > 1) return;
        started.open();
        await aborted(signal);
      });
      await t.work({ ...job('a'), ...wait }, { leaseMs: 2_000 });
      const runId = await t.create({ jobs: ['a', 'b'] });
      await started.opened;
      expect(await t.executor.cancelProgram(runId, 'enough')).to.equal(true);
      expect(await t.executor.cancelProgram(runId)).to.equal(false);
      await t.event('leaseLost', runId);
      const program = await t.executor.getProgram(runId);
      expect(program).to.include({ step: 1, errorMessage: 'enough', finishedAt: null });
      expect(await t.executor.resumeProgram(runId)).to.equal(true);
      expect(await t.ended(runId)).to.include({ step: 1, erroredAt: null });
      expect(await t.executor.resumeProgram(runId)).to.equal(false);
      expect((await t.outcomes(runId)).filter((outcome) => outcome.startsWith('a'))).to.have.length(1);
    });

    it('refuses to cancel or resume a program that is none', async () => {
      for (const call of ['cancelProgram', 'resumeProgram'] as const)
        expect((await rejection(t.executor[call]('none'))).code).to.equal('PE_PROGRAM_NOT_FOUND');
    });

    it('EM-32: a run whose claim was bumped by hand writes nothing more', async () => {
      const bump = async ({ runId }: { runId: string }) =>
        t.change(runId, { fence: 1_000, claimed_by: 'other' });
      await t.work({ ...job('a', bump), ...job('b') });
      const runId = await t.create({ jobs: ['a', 'b'] });
      expect(await t.event('leaseLost', runId)).to.include({ reason: 'lost' });
      expect(await t.row(runId)).to.include({ step: 0, fence: 1_000, claimed_by: 'other' });
      expect(await t.attempts(runId)).to.deep.equal([]);
    });

    it('takes over the program of a dead worker after its lease, and counts the loss', async () => {
      const runId = await t.create({ jobs: ['a'] });
      await t.change(runId, { claimed_by: 'dead', claimed_until: 1, fence: 7 });
      let lost: unknown;
      await t.work(job('a', async (message) => void (lost = await t.row(message.runId))));
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
      expect(lost).to.include({ lost_count: 1, fence: 8 });
      expect(await t.row(runId)).to.include({ lost_count: 0, fence: 8 });
    });

    it('WP-36: fails a program whose workers died on one step more than 3 times', async () => {
      const runId = await t.create({ jobs: ['a'] });
      await t.change(runId, { claimed_by: 'dead', claimed_until: 1, lost_count: 3 });
      await t.work(job('a'));
      expect((await t.ended(runId)).errorMessage).to.match(/4/);
      expect(t.eventCount('jobStarted')).to.equal(0);
    });
  },
  withoutBroker,
);

describeContract('stopping', (t) => {
  it('EM-55, TEM-3, TEM-31: stop waits for the running job, records it, and starts nothing more', async () => {
    const [started, go] = [gate(), gate()];
    const slow = job('a', async () => {
      started.open();
      await go.opened;
    });
    const worker = await t.work({ ...slow, ...job('b') });
    const runId = await t.create({ jobs: ['a', 'b'] });
    await started.opened;
    const stopped = worker.stop();
    go.open();
    await stopped;
    expect(await t.row(runId)).to.include({ step: 1, claimed_by: null, lost_count: 0 });
    expect(await t.outcomes(runId)).to.deep.equal(['a succeeded']);
  });

  it('what is claimed while the worker stops is handed back as it was: no attempt, no loss forgotten', async () => {
    const [claiming, go] = [gate(), gate()];
    const executor = t.createExecutor(
      decorated(
        {},
        {
          dialect: (dialect) => {
            for (const name of ['claimDue', 'claimRung'] as const) {
              const claim = dialect[name].bind(dialect) as (...args: unknown[]) => Promise<never>;
              dialect[name] = async (...args: unknown[]) => {
                claiming.open();
                await go.opened;
                return claim(...args);
              };
            }
            return dialect;
          },
        },
      ),
    );
    const runId = await t.create({ jobs: ['a'] });
    await t.change(runId, { lost_count: 1, fence: 1 });
    const worker = await t.work(job('a'), {}, executor);
    await claiming.opened;
    const stopped = worker.stop();
    go.open();
    await stopped;
    expect(await t.row(runId)).to.include({ claimed_by: null, lost_count: 1, fence: 2, step_retry_count: 0 });
    expect(await t.outcomes(runId)).to.deep.equal([]);
    await t.work(job('a'));
    expect((await t.ended(runId)).finishedAt).to.be.a('date');
  });

  it('stop aborts at its deadline and releases: another worker goes on at once, nothing is counted', async () => {
    const started = gate();
    const wait = job('a', async (_m, _d, { signal, fence }) => {
      if (fence > 1) return;
      started.open();
      await aborted(signal);
      throw new RetryableError('stopped');
    });
    const worker: Worker = await t.work(wait);
    const runId = await t.create({ jobs: ['a'] });
    await started.opened;
    await worker.stop({ timeoutMs: 10 });
    expect(await t.row(runId)).to.include({ step_retry_count: 0, lost_count: 0, error_message: null });
    await t.work(wait, {}, t.createExecutor());
    expect(await t.ended(runId)).to.include({ erroredAt: null, errorMessage: null });
    expect(await t.outcomes(runId)).to.deep.equal(['a stopped', 'a succeeded']);
  });

  it('stop leaves no claim behind on the program of a job that does not hear that its time is up', async () => {
    const isTimeUp = gate();
    const deaf = job(
      'a',
      async (_m, _d, { signal }) => {
        await aborted(signal);
        isTimeUp.open();
        await new Promise(() => undefined);
      },
      { timeoutMs: 1 },
    );
    const worker = await t.work(deaf);
    const runId = await t.create({ jobs: ['a'] });
    await isTimeUp.opened;
    await worker.stop({ timeoutMs: 0 });
    expect(await t.row(runId)).to.include({ claimed_by: null, step_retry_count: 1 });
    expect(t.log.count('job-stuck')).to.equal(1);
  });
});

describeContract(
  'unknown jobs',
  (t) => {
    it('a deferred program soon finds a worker that knows its job, while one that does not still polls', async () => {
      await t.work(job('other'));
      const runId = await t.create({ jobs: ['a'] });
      await t.work(job('a'));
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
    });

    it('EM-25, TEM-29, decided otherwise: are deferred, never skipped, until a worker knows it', async () => {
      const ignorant = await t.work({ ...job('a'), ...job('z') });
      const runId = await t.create({ jobs: ['a', 'b'] });
      await t.log.line('job-deferred');
      const row = await t.row(runId);
      expect(row).to.include({ step: 1, step_retry_count: 0, errored_at: null, claimed_by: null });
      expect(row['error_message']).to.match(/"b".*a, z/);
      await ignorant.stop();
      await t.work(job('b'), {}, t.createExecutor());
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
    });

    for (const error of [
      new RetryableError('busy', undefined, { retryAfterMs: HOUR_MS }),
      new RateLimitedError(HOUR_MS),
    ])
      it(`what the job came to before, as a ${error.name}, is no waiting for a worker that knows it`, async () => {
        const worker = await t.work(job('a', () => Promise.reject(error)));
        const runId = await t.create({ jobs: ['a'] });
        await t.event('programError', runId);
        await worker.stop();
        await t.knex(`${t.table}_attempts`).update({ started_at: 1, finished_at: 1 });
        await t.change(runId, { due_at: 1 });
        await t.work(job('z'), {}, t.createExecutor());
        await t.log.line('job-deferred');
        expect(await t.row(runId)).to.include({ errored_at: null });
      });

    it("EM-25: unknownJob 'skip' goes on with the next job, with a warning", async () => {
      await t.work({ ...job('a'), ...job('b') }, { unknownJob: 'skip' });
      const { runId, step } = await t.run({ jobs: ['a', 'constructor', 'b'] });
      expect(step).to.equal(2);
      expect((await t.log.line('job-skipped')).level).to.equal('warn');
      // The row says so first.
      await t.event('programFinished', runId);
      expect(t.eventCount('jobFinished')).to.equal(2);
    });

    it("EM-25, TEM-29: unknownJob 'fail', or a timeout that is over, ends the program", async () => {
      const worker = await t.work(job('a'), { unknownJob: 'fail' });
      expect((await t.run({ jobs: ['b'] })).errorMessage).to.contain('b');
      await worker.stop();
      await t.work(job('a'), { unknownJobTimeoutMs: 0 });
      expect((await t.run({ jobs: ['b'] })).erroredAt).to.be.a('date');
    });
  },
  withoutBroker,
);

describeContract(
  'job data',
  (t) => {
    it('EM-33, EM-34, EM-36, EM-37: get, set and merge the data of one job', async () => {
      const seen: unknown[] = [];
      await t.work(
        job('a', async (_message, data) => {
          seen.push(await data.get());
          await data.set({ x: 1 });
          await data.set({ y: { deep: 1 } });
          await data.merge({ z: 2 });
          seen.push(await data.get());
        }),
      );
      const { jobData } = await t.run({ jobs: ['a'], jobData: { b: { kept: true } } });
      expect(seen).to.deep.equal([{}, { y: { deep: 1 }, z: 2 }]);
      expect(jobData).to.deep.equal({ a: { y: { deep: 1 }, z: 2 }, b: { kept: true } });
    });

    it('EM-36, EM-37: parallel merges are all kept', async () => {
      await t.work(
        job('a', async (_message, data) => {
          await Promise.all(Array.from({ length: 20 }, (_, n) => data.merge({ [`k${n}`]: n })));
        }),
      );
      expect(Object.keys((await t.run({ jobs: ['a'] })).jobData['a']!)).to.have.length(20);
    });

    it('EM-35: data is in the row at once and survives a retry', async () => {
      let stored: any;
      await t.work(
        job('a', async ({ runId }, data, { attempt }) => {
          if (attempt === 1) {
            await data.set({ currentPage: 50 });
            stored = (await t.executor.getProgram(runId))!.jobData;
            throw new RetryableError('page', 500, { retryAfterMs: 5 });
          }
          await data.merge({ seen: (await data.get()).currentPage });
        }),
      );
      const { jobData } = await t.run({ jobs: ['a'] });
      expect(stored).to.deep.equal({ a: { currentPage: 50 } });
      expect(jobData).to.deep.equal({ a: { currentPage: 50, seen: 50 } });
    });

    it('EM-38: checkpoint keeps the data and yields after its time, with no retry counted', async () => {
      await t.work(
        job('a', async (_message, data) => {
          const { page = 0 } = await data.get();
          await data.checkpoint({ page }, 0);
          const end = performance.now() + 6;
          while (performance.now() < end);
          await data.checkpoint({ page: (page as number) + 1 }, page < 2 ? 5 : null);
        }),
      );
      const program = await t.run({ jobs: ['a'] });
      expect(program).to.include({ stepRetryCount: 0, errorMessage: null });
      expect(program.jobData).to.deep.equal({ a: { page: 3 } });
      expect(await t.outcomes(program.runId)).to.deep.equal(['a yielded', 'a yielded', 'a succeeded']);
    });
  },
  withoutBroker,
);
