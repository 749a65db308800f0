import { expect } from 'chai';
import { RetryableError, type ProgramStatus } from '../../index.js';
import { describeContract, gate, job, rejection, withoutBroker } from '../contract/harness.js';

describeContract('status', (t) => {
  const status = async (runId: string): Promise<ProgramStatus> => (await t.executor.status(runId))!;
  const ahead = (until: Date | undefined): number => Number(until) - Date.now();

  it('WP-28: a program waits for a worker, runs, and is finished; one that is none has no status', async () => {
    const [started, go] = [gate(), gate()];
    const slow = job('b', async () => {
      started.open();
      await go.opened;
    });
    const runId = await t.create({ jobs: ['a', 'b'] });
    expect(await status(runId)).to.deep.equal({
      runId,
      state: 'waiting',
      step: 0,
      job: 'a',
      previousAttempts: 0,
      waitsFor: 'worker',
    });
    const worker = await t.work({ ...job('a'), ...slow });
    await started.opened;
    const running = await status(runId);
    expect(running).to.include({ state: 'running', step: 1, job: 'b', previousAttempts: 0 });
    expect(running.claimedBy).to.match(new RegExp(`^${worker.id}:`));
    expect(ahead(running.until)).to.be.greaterThan(0);
    go.open();
    await t.ended(runId);
    const finished = await status(runId);
    expect(finished).to.include({ state: 'finished', step: 1, job: 'b' }).and.not.have.property('until');
    expect(finished.endedAt).to.be.a('date');
    expect(await t.executor.status('none')).to.equal(undefined);
  });

  it('TEM-11, WP-29: a program in a back-off waits for its end, with its attempts and the error', async () => {
    await t.work(job('a', () => Promise.reject(new RetryableError('busy', 503, { retryAfterMs: 600_000 }))));
    const runId = await t.create({ jobs: ['a'] });
    await t.event('jobRetried', runId);
    const waiting = await status(runId);
    expect(waiting).to.include({ state: 'waiting', waitsFor: 'backOff', previousAttempts: 1 });
    expect(waiting.errorMessage).to.equal('busy');
    expect(ahead(waiting.until)).to.be.within(300_000, 900_000);
  });

  it('WP-40, decided otherwise: a program is waiting, running, waiting for its next attempt, and ended', async () => {
    const states: string[] = [];
    const note = async (runId: string) => void states.push((await status(runId)).state);
    const library = job('a', async ({ runId }) => {
      await note(runId);
      if (states.length === 2) throw new RetryableError('later', undefined, { retryAfterMs: 600_000 });
    });
    const runId = await t.create({ jobs: ['a'] });
    await note(runId);
    await t.work(library);
    await t.event('jobRetried', runId);
    await note(runId);
    await t.executor.retry(runId);
    await t.ended(runId);
    await note(runId);
    expect(states).to.deep.equal(['waiting', 'running', 'waiting', 'running', 'finished']);
    const cancelled = await t.create({ jobs: ['a'] }, { runAfter: 600_000 });
    await t.executor.cancel(cancelled);
    expect(await status(cancelled)).to.include({ state: 'errored', isCancelled: true });
  });

  it('a program that is to start later waits for that moment; one whose job nobody knows, for who knows it', async () => {
    const later = await t.create({ jobs: ['a'] }, { runAfter: 600_000 });
    expect(await status(later)).to.include({ state: 'waiting', waitsFor: 'start' });
    expect(ahead((await status(later)).until)).to.be.within(300_000, 900_000);
    await t.work(job('other'));
    const unknown = await t.create({ jobs: ['a'] });
    await t.log.line('job-deferred');
    expect(await status(unknown)).to.include({ state: 'waiting', waitsFor: 'unknownJob' });
  });

  it('a program whose worker died waits for another when the lease is over', async () => {
    const runId = await t.create({ jobs: ['a'] });
    await t.change(runId, { claimed_by: 'dead', claimed_until: 1 });
    expect(await status(runId)).to.include({ state: 'waiting', waitsFor: 'worker' });
  });

  it('an errored program says since when and why, and whether somebody cancelled it', async () => {
    await t.work(job('a', () => Promise.reject(new Error('broken'))));
    const failed = await t.run({ jobs: ['a'] });
    const errored = await status(failed.runId);
    expect(errored).to.include({ state: 'errored', errorMessage: 'broken' });
    expect(errored).to.not.have.property('isCancelled');
    expect(errored.endedAt).to.deep.equal(failed.erroredAt);
    const cancelled = await t.create({ jobs: ['a'] }, { runAfter: 600_000 });
    await t.executor.cancel(cancelled, 'no longer needed');
    expect(await status(cancelled)).to.include({
      state: 'errored',
      isCancelled: true,
      errorMessage: 'no longer needed',
    });
  });

  it('WP-46: statusMany answers in the order of the ids, undefined where there is no program', async () => {
    const runIds = await t.executor.createPrograms(Array.from({ length: 600 }, () => ({ jobs: [] })));
    const asked = [runIds[599]!, 'none', ...runIds, runIds[599]!];
    const found = await t.executor.statusMany(asked);
    expect(found.map((one) => one?.runId)).to.deep.equal(
      asked.map((runId) => (runId === 'none' ? undefined : runId)),
    );
    expect(found[0]).to.include({ state: 'finished', step: 0, job: undefined });
    expect(await t.executor.statusMany([])).to.deep.equal([]);
    expect(await rejection(t.executor.statusMany('none' as any))).to.include({ field: 'runIds' });
    expect(await rejection(t.executor.statusMany([7 as any]))).to.include({ field: 'runId' });
  });
});

describeContract(
  'status of a program that',
  (t) => {
    it('was cancelled, was let go on by hand, and then failed, is errored, and not cancelled', async () => {
      const programs = [{ jobs: ['a'] }, { jobs: ['a'], pool: 'mail' }];
      const runIds = await t.executor.createPrograms(programs);
      for (const runId of runIds) {
        await t.executor.cancel(runId, 'wait', { by: 'ann' });
        await t.change(runId, { errored_at: null });
      }
      await t.work(job('a', () => Promise.reject(new Error('broken'))));
      for (const runId of runIds) {
        expect((await t.event('programError', runId)).error.message).to.equal('broken');
        expect(await t.ended(runId)).to.include({ errorMessage: 'broken' });
        expect(await t.executor.status(runId)).to.not.have.property('isCancelled');
        expect(await t.executor.why(runId)).to.include({ code: 'errored' });
        expect((await t.row(runId))['cancelled_at']).to.equal(null);
      }
    });
  },
  withoutBroker,
);
