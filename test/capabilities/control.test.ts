import { expect } from 'chai';
import { RetryableError, type ProgramStatus } from '../../index.js';
import { partsOf } from '../../src/executor-parts.js';
import { aborted, describeContract, gate, job, rejection, withoutBroker } from '../contract/harness.js';
import { allOf } from '../support/all-of.js';
import { Inbox } from '../support/inbox.js';
import { notingRings, type Ring } from '../support/noting-rings.js';

const LATER = { runAfter: 600_000 };

describeContract(
  'cancelling many',
  (t) => {
    const statesOf = async (runIds: readonly string[]): Promise<(string | undefined)[]> =>
      (await t.executor.statusMany(runIds)).map((status) => status?.state);
    const create = (count: number, name = 'a'): Promise<string[]> =>
      t.executor.createPrograms(
        Array.from({ length: count }, () => ({ jobs: [name] })),
        LATER,
      );

    it('WP-34: cancelAll ends all that were created before the call, and none that comes later', async () => {
      const ended = await t.create({ jobs: [] });
      const runIds = await create(250);
      expect(await t.executor.cancelAll({ reason: 'wrong list' })).to.equal(250);
      expect(new Set(await statesOf(runIds))).to.deep.equal(new Set(['errored']));
      expect(await t.executor.getProgram(runIds[0]!)).to.include({ errorMessage: 'wrong list' });
      expect(await statesOf([ended, await t.create({ jobs: ['a'] })])).to.deep.equal(['finished', 'waiting']);
      expect(await t.executor.cancelAll({ where: { job: 'none' } })).to.equal(0);
    });

    it('WP-34, WP-52: with a limit, the newest are ended; with a moment, those created before', async () => {
      const runIds = await create(12);
      expect(await t.executor.cancelAll({ limit: 5 })).to.equal(5);
      const states = await statesOf(runIds);
      expect(states.slice(0, 7)).to.deep.equal(Array(7).fill('waiting'));
      expect(states.slice(7)).to.deep.equal(Array(5).fill('errored'));
      await t.change(runIds[0]!, {
        created_at: t.variant.database.kind === 'sqlite' ? 1_000 : new Date(1_000),
      });
      expect(await t.executor.cancelAll({ before: new Date(86_400_000) })).to.equal(1);
      expect((await statesOf(runIds))[0]).to.equal('errored');
      expect(await t.executor.cancelAll({ limit: 0 })).to.equal(0);
    });

    it('cancelAll takes those of a job or state, and counts what runs', async () => {
      const started = gate();
      const wait = job('wait', async (_message, _data, { signal }) => {
        started.open();
        await aborted(signal);
      });
      await t.work(wait, { leaseMs: 2_000 });
      const running = await t.create({ jobs: ['wait'] });
      await started.opened;
      const [a, b] = [await create(3), await create(2, 'b')];
      expect(await t.executor.cancelAll({ where: { job: 'b' } })).to.equal(2);
      expect(await t.executor.cancelAll({ where: { state: 'running' } })).to.equal(1);
      await t.event('leaseLost', running);
      expect(await statesOf([running, ...a, ...b])).to.deep.equal([
        'errored',
        ...Array(3).fill('waiting'),
        ...Array(2).fill('errored'),
      ]);
    });

    it('cancelAll takes those of a pool', async () => {
      const mail = await t.create({ jobs: ['a'], pool: 'mail' }, LATER);
      const [plain] = await create(1);
      expect(await t.executor.cancelAll({ pool: 'mail' })).to.equal(1);
      expect(await statesOf([mail, plain!])).to.deep.equal(['errored', 'waiting']);
    });

    it('cancelAll takes those of a batch, by its code or id, with their counts and callbacks', async () => {
      const { batches } = t.executor;
      const { id } = await batches.create({ code: 'march' });
      const program = { jobs: ['a'], onComplete: { job: 'told' } };
      await batches.addPrograms('march', [program, program, program]);
      const [outside] = await create(1);
      expect(await t.executor.cancelAll({ batch: 'march', limit: 1 })).to.equal(1);
      expect(await batches.stats('march')).to.include({ total: 3, cancelled: 1, waiting: 2 });
      expect(await t.executor.cancelAll({ batch: id })).to.equal(2);
      expect(await batches.stats('march')).to.include({ total: 3, cancelled: 3, waiting: 0 });
      const callbacks = await t.knex(t.table).whereNull('errored_at').whereNot({ run_id: outside! });
      expect(callbacks).to.have.length(3);
    });

    it('takes any moment that a Date can be', async () => {
      const [runId] = await create(1);
      expect(await t.executor.cancelAll({ before: -8.64e15 })).to.equal(0);
      expect(await t.executor.cancelAll({ before: new Date(8.64e15) })).to.equal(1);
      expect(await statesOf([runId!])).to.deep.equal(['errored']);
    });

    it('refuses options that are wrong, naming them', async () => {
      for (const [options, key] of [
        [{ befor: 1 }, 'options.befor'],
        [{ before: 'yesterday' }, 'options.before'],
        [{ limit: -1 }, 'options.limit'],
        [{ where: { state: 'errored' } }, 'options.where.state'],
        [{ before: 1_700_000_000_000.5 }, 'options.before'],
        [{ before: 1e300 }, 'options.before'],
        [{ pool: 'a\u0000b' }, 'options.pool'],
        [{ pool: 'mail ' }, 'options.pool'],
        [{ batch: 'a\u0000b' }, 'options.batch'],
        [{ batch: 'x'.repeat(256) }, 'options.batch'],
        [{ where: { job: '\ud800' } }, 'options.where.job'],
        [{ by: 7 }, 'options.by'],
      ])
        expect(await rejection(t.executor.cancelAll(options as object))).to.include({
          code: 'PE_CONFIG',
          key,
        });
    });
  },
  withoutBroker,
);

describeContract(
  'cancelling one',
  (t) => {
    it('WP-31, WP-33: a waiting program never starts, one in a back-off is not retried; twice is a no-op', async () => {
      const waiting = await t.create({ jobs: ['a'] }, LATER);
      await t.work(
        job('a', () => Promise.reject(new RetryableError('busy', 503, { retryAfterMs: 600_000 }))),
      );
      const retrying = await t.create({ jobs: ['a'] });
      await t.event('jobRetried', retrying);
      for (const runId of [waiting, retrying]) {
        expect(await t.executor.cancel(runId)).to.equal(true);
        expect(await t.executor.cancel(runId)).to.equal(false);
        expect(await t.executor.status(runId)).to.include({ state: 'errored', isCancelled: true });
      }
      expect((await rejection(t.executor.cancel('none'))).code).to.equal('PE_PROGRAM_NOT_FOUND');
    });

    it('the reason counts as an argument and, where there is none, as an option', async () => {
      for (const [reason, options, kept] of [
        [undefined, { reason: 'option' }, 'option'],
        ['argument', { reason: 'option' }, 'argument'],
        [undefined, { by: 'ann' }, 'Cancelled'],
      ] as const)
        for (const call of ['cancel', 'cancelProgram'] as const) {
          const runId = await t.create({ jobs: ['a'] }, LATER);
          await t.executor[call](runId, reason, options);
          expect(await t.executor.status(runId)).to.include({ errorMessage: kept });
          expect((await t.executor.interventions(runId))[0]).to.include({ reason: kept });
        }
    });

    it('WP-31, WP-32: a running program is errored at once, and its job is aborted, whatever that comes to', async () => {
      const started = gate();
      const wait = job('a', async (_message, _data, { signal }) => {
        started.open();
        await aborted(signal);
      });
      await t.work(wait, { leaseMs: 2_000 });
      const runId = await t.create({ jobs: ['a', 'b'] });
      await started.opened;
      expect(await t.executor.cancel(runId, 'enough')).to.equal(true);
      await t.event('leaseLost', runId);
      expect(await t.executor.status(runId)).to.include({
        state: 'errored',
        step: 0,
        errorMessage: 'enough',
      });
      expect(await t.attempts(runId)).to.deep.equal([]);
    });
  },
  withoutBroker,
);

describeContract('pausing the whole queue', (t) => {
  it('TEM-52: nothing is started, on any worker, until it is resumed, which is enough', async () => {
    expect(await t.executor.pause({ by: 'ann', reason: 'deployment' })).to.equal(true);
    expect(await t.executor.pause()).to.equal(false);
    await t.work(job('a'));
    await t.work(job('a'), {}, t.createExecutor());
    const rung = await t.create({ jobs: ['a'] });
    const many = await t.executor.createPrograms(Array.from({ length: 150 }, () => ({ jobs: ['a'] })));
    const runIds = [rung, ...many];
    for (const status of await t.executor.statusMany(runIds))
      expect(status).to.include({ state: 'waiting', waitsFor: 'pause' });
    expect(t.eventCount('jobStarted')).to.equal(0);
    expect(await t.executor.resume()).to.equal(true);
    expect(await t.executor.resume()).to.equal(false);
    for (const runId of runIds) expect((await t.ended(runId)).finishedAt).to.be.a('date');
  });

  it('what runs goes on to its end', async () => {
    const [started, go] = [gate(), gate()];
    const slow = job('a', async () => {
      started.open();
      await go.opened;
    });
    await t.work({ ...slow, ...job('b') });
    const runId = await t.create({ jobs: ['a', 'b'] });
    await started.opened;
    await t.executor.pause();
    go.open();
    expect((await t.ended(runId)).finishedAt).to.be.a('date');
  });
});

describeContract(
  'a claim while the queue is paused',
  (t) => {
    it('its end wakes workers for programs that wait in lines, which nobody rings for', async () => {
      const rings = new Inbox<Ring>();
      const executor = t.createExecutor(notingRings(rings));
      await executor.pause();
      await t.create({ jobs: ['a'], pool: 'mail' });
      await executor.resume();
      expect((await rings.first(1)).map(({ note }) => note)).to.deep.equal(['more']);
    });

    it('finds nothing by the poll or by a hint, but what waits for a message alone', async () => {
      const [due, parked] = [await t.create({ jobs: ['a'] }), await t.create({ jobs: ['a'] })];
      await t.change(parked, { due_at: Number.MAX_SAFE_INTEGER });
      await t.executor.pause();
      const claims = partsOf(t.executor)!.programs.openClaims('a worker', 60_000, 0);
      expect(await claims.untilDueMs()).to.equal(undefined);
      expect(await allOf(claims.claimDue(10))).to.deep.equal([]);
      expect(await claims.claimRung(due)).to.deep.equal([]);
      expect((await claims.claimRung(parked)).map(({ runId }) => runId)).to.deep.equal([parked]);
      await t.executor.resume();
      expect(await claims.untilDueMs()).to.equal(0);
      expect((await allOf(claims.claimDue(10))).map(({ runId }) => runId)).to.deep.equal([due]);
    });
  },
  withoutBroker,
);

describeContract(
  'a claim beside others',
  (t) => {
    it('waits for nobody who changes the pools just then', async () => {
      await t.executor.pause();
      await t.executor.resume();
      const runId = await t.create({ jobs: ['a'] });
      const claims = partsOf(t.executor)!.programs.openClaims('a worker', 60_000, 0);
      const changing = await t.knex.transaction();
      await changing(`${t.table}_pools`).where({ name: '' }).update({ is_paused: 1 });
      expect((await claims.claimRung(runId)).map((claimed) => claimed.runId)).to.deep.equal([runId]);
      await changing.rollback();
    });
  },
  (variant) => !variant.hasBroker && variant.database.kind !== 'sqlite',
);

describeContract(
  'retrying, skipping and editing',
  (t) => {
    const status = async (runId: string): Promise<ProgramStatus> => (await t.executor.status(runId))!;
    const failing = (name: string) => job(name, () => Promise.reject(new Error('broken')));

    it('retry starts an errored program again where it stands, its retries counted anew, its history kept', async () => {
      let isMended = false;
      await t.work({
        ...job('a'),
        ...job('b', () => {
          if (!isMended) throw new Error('broken');
        }),
      });
      const { runId } = await t.run({ jobs: ['a', 'b'] });
      isMended = true;
      await t.executor.retry(runId);
      expect(await t.ended(runId)).to.include({ step: 1, erroredAt: null });
      expect(await t.outcomes(runId)).to.deep.equal(['a succeeded', 'b failed', 'b succeeded']);
    });

    it('retry starts a finished program again from its first step, or from the one that is named', async () => {
      await t.work({ ...job('a'), ...job('b') });
      const { runId } = await t.run({ jobs: ['a', 'b'] });
      await t.executor.retry(runId, { fromStep: 1 });
      await t.event('programFinished', runId, 2);
      await t.executor.retry(runId);
      await t.event('programFinished', runId, 3);
      const outcomes = ['a', 'b', 'b', 'a', 'b'].map((name) => `${name} succeeded`);
      expect(await t.outcomes(runId)).to.deep.equal(outcomes);
      for (const fromStep of [2, -1, 0.5])
        expect((await rejection(t.executor.retry(runId, { fromStep }))).message).to.match(
          /fromStep: expected/,
        );
    });

    it('retry ends a back-off, and what was to start later starts', async () => {
      await t.work(job('a'));
      const runId = await t.create({ jobs: ['a'] }, LATER);
      await t.executor.retry(runId);
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
    });

    it('a program of a batch that was cancelled is counted as open again when it is resumed or retried', async () => {
      const { batches } = t.executor;
      await batches.create({ code: 'march' });
      await batches.addPrograms('march', [{ jobs: ['a', 'b'] }]);
      const [{ run_id: runId }] = await t.knex(t.table).select('run_id');
      for (const call of ['resumeProgram', 'retry'] as const) {
        await t.executor.cancel(runId);
        expect(await batches.stats('march')).to.include({ cancelled: 1, waiting: 0 });
        await t.executor[call](runId);
        expect(await batches.stats('march')).to.include({ cancelled: 0, waiting: 1 });
      }
      await t.work({ ...job('a'), ...job('b') });
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
      expect(await batches.stats('march')).to.include({ total: 1, finished: 1, errored: 0 });
      await t.executor.retry(runId, { fromStep: 1 });
      await t.event('programFinished', runId, 2);
      expect(await batches.stats('march')).to.include({ total: 1, finished: 1, errored: 0, waiting: 0 });
    });

    for (const [call, act] of [
      ['resumeProgram', (runId) => t.executor.resumeProgram(runId)],
      ['retry', (runId) => t.executor.retry(runId)],
      ['skipStep', (runId) => t.executor.skipStep(runId)],
    ] as readonly [string, (runId: string) => Promise<unknown>][])
      it(`${call} is refused for a program of a batch that is cancelled, and changes nothing`, async () => {
        const { batches } = t.executor;
        await batches.create({ code: 'march' });
        await batches.addPrograms('march', [{ jobs: ['a'] }, { jobs: ['a', 'b'] }]);
        await batches.cancel('march');
        const before = await t.knex(t.table).orderBy('id');
        for (const { run_id: runId } of before)
          expect(await rejection(act(runId))).to.include({ code: 'PE_BATCH_ENDED' });
        expect(await t.knex(t.table).orderBy('id')).to.deep.equal(before);
        expect(await batches.stats('march')).to.include({ total: 2, cancelled: 2, waiting: 0 });
        expect(await t.executor.interventions()).to.deep.equal([]);
      });

    it('a program of a batch whose last step is skipped is counted as finished, and calls back', async () => {
      const { batches } = t.executor;
      await batches.create({ code: 'march' });
      await batches.addPrograms('march', [{ jobs: ['a'], onComplete: { job: 'told' } }, { jobs: ['a'] }]);
      const rows = await t.knex(t.table).select('run_id').orderBy('id');
      await t.executor.skipStep(rows[0].run_id);
      await t.executor.cancel(rows[1].run_id);
      await t.executor.skipStep(rows[1].run_id);
      expect(await batches.stats('march')).to.include({ total: 2, finished: 2, cancelled: 0, waiting: 0 });
      expect(await t.rowCount()).to.equal(3);
    });

    it('skipStep goes on with the next job and keeps that it was skipped; after the last the program is finished', async () => {
      await t.work({ ...failing('a'), ...job('b'), ...failing('c') });
      const { runId } = await t.run({ jobs: ['a', 'b', 'c'] });
      await t.executor.skipStep(runId, { by: 'ann' });
      await t.event('programError', undefined, 2);
      expect(await t.ended(runId)).to.include({ step: 2, finishedAt: null });
      await t.executor.skipStep(runId);
      expect((await t.event('programFinished', runId)).runId).to.equal(runId);
      expect(await status(runId)).to.include({ state: 'finished', step: 2 });
      const outcomes = ['a failed', 'a skipped', 'b succeeded', 'c failed', 'c skipped'];
      expect(await t.outcomes(runId)).to.deep.equal(outcomes);
      expect((await t.attempts(runId))[1]).to.include({ worker: 'ann' });
      const again = await rejection(t.executor.skipStep(runId));
      expect(again).to.include({ code: 'PE_PROGRAM_STATE', state: 'finished' });
    });

    it('a finish is told of once, by whoever it came about in: after skipStep of the last but one, by the worker', async () => {
      const worker = await t.work({ ...failing('a'), ...job('b') }, { concurrency: 50 });
      const runIds = await t.executor.createPrograms(Array(50).fill({ jobs: ['a', 'b'] }));
      await t.event('programError', undefined, runIds.length);
      for (const runId of runIds) await t.ended(runId);
      for (const runId of runIds) await t.executor.skipStep(runId);
      for (const runId of runIds) await t.event('programFinished', runId);
      await worker.stop();
      expect(t.eventCount('programFinished')).to.equal(runIds.length);
    });

    it('skipStep finishes a program that stands at no job', async () => {
      for (const [program, step] of [
        [{ jobs: [], pool: 'mail' }, 0],
        [{ jobs: ['a'] }, 9],
      ] as const) {
        const runId = await t.create(program, LATER);
        await t.change(runId, { step });
        await t.executor.skipStep(runId);
        expect((await status(runId)).state).to.equal('finished');
        expect(await t.outcomes(runId)).to.deep.equal([' skipped']);
        expect(await t.event('programFinished', runId)).to.deep.equal({ runId, jobs: program.jobs });
      }
    });

    it('skipStep of a step before the first goes on with the first', async () => {
      const runId = await t.create({ jobs: ['a'] }, LATER);
      await t.change(runId, { step: -1 });
      await t.executor.skipStep(runId);
      expect(await status(runId)).to.include({ state: 'waiting', step: 0 });
      expect(await t.outcomes(runId)).to.deep.equal([' skipped']);
    });

    it('editJobData replaces the data of one job, as createProgram would take it', async () => {
      const jobData = { a: { page: 1 }, b: { kept: true } };
      const runId = await t.create({ jobs: ['a', 'b'], jobData }, LATER);
      await t.executor.editJobData(runId, 'a', { page: 7 });
      expect((await t.executor.getProgram(runId))!.jobData).to.deep.equal({ ...jobData, a: { page: 7 } });
      expect(await status(runId)).to.include({ state: 'waiting', waitsFor: 'start' });
      const wrong: [string, any, object][] = [
        ['c', {}, { field: 'job' }],
        ['', {}, { field: 'job' }],
        ['a', [], { field: 'data' }],
        ['a', { text: '\u0000' }, { code: 'PE_INVALID_PROGRAM' }],
        ['a', { text: 'x'.repeat(1_048_576) }, { code: 'PE_PAYLOAD_TOO_LARGE' }],
        ['a', { text: 'x'.repeat(1_048_560) }, { code: 'PE_PAYLOAD_TOO_LARGE' }],
      ];
      for (const [name, data, error] of wrong)
        expect(await rejection(t.executor.editJobData(runId, name, data))).to.include(error);
      expect((await t.executor.getProgram(runId))!.jobData).to.deep.equal({ ...jobData, a: { page: 7 } });
    });

    it('are refused while the program runs, and leave no trace', async () => {
      const [started, go] = [gate(), gate()];
      const slow = job('a', async () => {
        started.open();
        await go.opened;
      });
      await t.work(slow);
      const runId = await t.create({ jobs: ['a'] });
      await started.opened;
      const { executor } = t;
      for (const call of [
        () => executor.retry(runId),
        () => executor.skipStep(runId),
        () => executor.editJobData(runId, 'a', {}),
      ])
        expect(await rejection(call())).to.include({ code: 'PE_PROGRAM_STATE', state: 'running', runId });
      expect(await executor.interventions(runId)).to.deep.equal([]);
      go.open();
      expect((await t.ended(runId)).finishedAt).to.be.a('date');
      for (const call of [
        () => executor.retry('none'),
        () => executor.skipStep('none'),
        () => executor.editJobData('none', 'a', {}),
      ])
        expect((await rejection(call())).code).to.equal('PE_PROGRAM_NOT_FOUND');
    });

    it('bump the fence: what a worker writes whose lease was over is refused', async () => {
      for (const call of ['retry', 'skipStep', 'editJobData'] as const) {
        const runId = await t.create({ jobs: ['a', 'b'] }, LATER);
        await t.change(runId, { claimed_by: 'slow', claimed_until: 1, fence: 7 });
        if (call === 'editJobData') await t.executor.editJobData(runId, 'a', {});
        else await t.executor[call](runId);
        expect((await t.row(runId))['fence'], call).to.equal(8);
      }
    });
  },
  withoutBroker,
);
