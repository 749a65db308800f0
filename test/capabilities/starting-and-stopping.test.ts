import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker as Thread } from 'node:worker_threads';
import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { NonRetryableError, RetryableError, retryPresets, type RetrySetting } from '../../index.js';
import { describeContract, gate, job, rejection, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { batchOf, succeeding } from './batch-fixture.js';
import { allEnded, Occupancy } from './occupancy.js';

/** The id of a thread that is no more. */
const ENDED = -1;

/** As another process opens the same database. */
const configOf = ({ knex }: Fixture): Knex.Config => (knex.client as { config: Knex.Config }).config;

/** The message, where there is none. */
const codeOf = (error: { code?: string; message: string }): string => error.code ?? error.message;

/** How long it may take until an idle worker starts a program; asked each five seconds only, it would take longer. */
const SOON_MS = 3_000;

describeContract('starting', (t) => {
  it('TEM-1, decided otherwise: with nothing but the store, a worker has 200 slots and fails what fails', async () => {
    const busy = job('busy', (_message, _data, { attempt }) => {
      throw attempt < 3
        ? new RetryableError('again', undefined, { retryAfterMs: 1 })
        : new NonRetryableError('no');
    });
    const fail = job('fail', () => Promise.reject(new Error('no')));
    const { id } = await t.executor.processPrograms({ ...fail, ...busy });
    const worker = await eventually('it is in the registry', async () => (await t.executor.workers())[0]);
    expect(worker).to.include({ id, slots: 200, isAlive: true });
    expect(await t.outcomes((await t.run({ jobs: ['fail'] })).runId)).to.deep.equal(['fail failed']);
    const { runId } = await t.run({ jobs: ['busy'] });
    expect(await t.outcomes(runId)).to.deep.equal(['busy retried', 'busy retried', 'busy failed']);
    expect((await t.executor.batches.create({ code: 'plain' })).interruption).to.deep.equal({});
    expect(await t.executor.pools.list()).to.deep.equal([]);
  });

  it('TEM-1: what the executor says about attempts is kept', async () => {
    for (const maxAttempts of [1, 2]) {
      const retry: RetrySetting = { ...retryPresets.tem, maxAttempts };
      const executor = t.createExecutor({ retry });
      const worker = await t.work(
        job('a', () => Promise.reject(new RetryableError('no'))),
        {},
        executor,
      );
      const { runId } = await t.ended(await executor.createProgram({ jobs: ['a'] }));
      expect(await t.attempts(runId)).to.have.length(maxAttempts);
      await worker.stop();
    }
  });

  it('TEM-2: makes its tables by itself; what was in them is there for the next process, and goes on', async () => {
    await batchOf(t, [succeeding]);
    const runIds = [
      await t.create({ jobs: ['a'] }),
      await t.create({ jobs: ['a'] }, { runAfter: 3_600_000 }),
    ];
    const read = (executor = t.executor) => Promise.all(runIds.map((runId) => executor.getProgram(runId)));
    const before = await read();
    await t.executor.close();
    const knex = knexPackage(configOf(t));
    const next = t.createExecutor({ knex });
    t.executor = next;
    expect(await read(next)).to.deep.equal(before);
    await t.work(job('a'), {}, next);
    expect((await t.ended(runIds[0]!)).finishedAt).to.be.a('date');
    expect(await next.batches.waitFor('batch', { intervalMs: 20 })).to.include({ status: 'completed' });
    expect(await next.status(runIds[1]!)).to.include({ state: 'waiting', waitsFor: 'start' });
    await next.close();
    await knex.destroy();
  });

  it('TEM-32: an idle worker soon starts what another process creates', async () => {
    const [elsewhere, occupancy] = [t.createExecutor(), new Occupancy()];
    await t.work(occupancy.job('a'));
    await t.run({ jobs: ['a'] });
    const tookMs: number[] = [];
    for (const name of ['1', '2', '3']) {
      const createdAtMs = performance.now();
      const runId = await elsewhere.createProgram({ jobs: ['a'], programData: { name } });
      await occupancy.started.first(1, (started) => started === name);
      tookMs.push(performance.now() - createdAtMs);
      await t.ended(runId);
    }
    expect(tookMs.sort((a, b) => a - b)[1]).to.be.below(SOON_MS);
  });
});

describeContract('stopping', (t) => {
  it('TEM-3: close starts nothing more, and waits for what runs before it lets go of the database', async () => {
    const occupancy = new Occupancy().hold('x');
    const executor = t.createExecutor({ knex: configOf(t) });
    const named = { jobs: ['a'], programData: { name: 'x' } };
    const runIds = await executor.createPrograms([named, named]);
    await t.work(occupancy.job('a'), { concurrency: 1 }, executor);
    await occupancy.started.first(1);
    let isClosed = false;
    const closed = executor.close().then(() => (isClosed = true));
    for (const runId of Array<string>(20).fill(runIds[0]!)) await t.row(runId);
    expect(isClosed).to.equal(false);
    occupancy.letGo('x');
    await closed;
    const outcomes = await Promise.all(runIds.map((runId) => t.outcomes(runId)));
    expect(outcomes.flat()).to.deep.equal(['a succeeded']);
    expect(occupancy.started.items).to.have.length(1);
    expect(await rejection(executor.getProgram(runIds[0]!))).to.include({ code: 'PE_CLOSED' });
  });

  it('does what is under way when it is closed, or refuses it with PE_CLOSED', async () => {
    const executor = t.createExecutor({ knex: { ...configOf(t), pool: { min: 0, max: 1 } } });
    const calls = Promise.allSettled([
      ...Array.from({ length: 5 }, () => executor.createProgram({ jobs: ['a'] })),
      executor.processPrograms({}),
      executor.status('none'),
      executor.cancelAll(),
      executor.prune(),
      executor.batches.list(),
    ]);
    // One of them has the connection by then, and the others wait for it.
    await t.knex.raw('select 1');
    await executor.close();
    const ends = (await calls).map((call) => (call.status === 'rejected' ? codeOf(call.reason) : 'done'));
    expect(ends).to.include('PE_CLOSED');
    expect(ends.filter((end) => end !== 'done' && end !== 'PE_CLOSED')).to.deep.equal([]);
  });

  it('starts no worker that still waits for its lease thread when it is closed', async () => {
    const executor = t.createExecutor();
    await executor.getProgram('none');
    const threads: Thread[] = [];
    const note = (message: unknown) => threads.push((message as { worker: Thread }).worker);
    subscribe('worker_threads', note);
    const refusal = rejection(executor.processPrograms({}, { leaseMs: 2_000 }));
    await nextTurn();
    unsubscribe('worker_threads', note);
    await executor.close();
    expect(await refusal).to.include({ code: 'PE_CLOSED' });
    expect(threads.map(({ threadId }) => threadId)).to.deep.equal([ENDED]);
  });

  it('TEM-31, decided otherwise: each start is a worker of its own; after a stop, a new one goes on', async () => {
    const [entered, goOn] = [gate(), gate()];
    const library = job('a', () => (entered.open(), goOn.opened));
    const first = await t.work(library, { concurrency: 1 });
    const runIds = [await t.create({ jobs: ['a'] }), await t.create({ jobs: ['a'] })];
    await entered.opened;
    const stopped = Promise.all([first.stop(), first.stop()]);
    goOn.open();
    await stopped;
    expect(t.eventCount('jobFinished')).to.equal(1);
    const [second, third] = [await t.work(library), await t.work(library)];
    expect(new Set([first.id, second.id, third.id])).to.have.length(3);
    await allEnded(t, runIds);
  });
});
