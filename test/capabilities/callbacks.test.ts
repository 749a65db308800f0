import { expect } from 'chai';
import { NonRetryableError, RetryableError, type CompletionMessage, type JobLibrary } from '../../index.js';
import { describeContract, job, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { Inbox } from '../support/inbox.js';
import { notingRings, type Ring } from '../support/noting-rings.js';
import { batchOf, failing, obedient, succeeding, times } from './batch-fixture.js';
import { heldJob } from './held-job.js';

type Told = CompletionMessage & { callbackId: string };

/** A library with a job that notes what it is told. */
function telling(library: JobLibrary = obedient): { library: JobLibrary; told: Inbox<Told> } {
  const told = new Inbox<Told>();
  const note = job('note', ({ runId, programData }) => told.add({ ...programData, callbackId: runId }));
  return { library: { ...library, ...note }, told };
}

const onComplete = { job: 'note', context: { mail: 'Größe', list: [1, null] } };

/** When nothing is left to do, so that a second callback would have come. */
async function settled(t: Fixture): Promise<void> {
  await eventually('all programs have ended', async () => {
    const open = await t.knex(t.table).whereNull('finished_at').whereNull('errored_at');
    return open.length === 0;
  });
}

/** Every program that ran the callback's job. */
const callbackCount = async (t: Fixture) =>
  (await t.knex(t.table).select('jobs')).filter(({ jobs }) => JSON.stringify(jobs).includes('note')).length;

describeContract('completion callbacks', (t) => {
  it('WP-22, WP-23, WP-24: is told once of a success, with what the last job returned', async () => {
    const { library, told } = telling({ ...obedient, ...job('b', () => ({ pages: 3 })) });
    await t.work(library);
    const { runId } = await t.run({ jobs: ['a', 'b'], onComplete });
    const [{ callbackId, ...message } = {} as Told] = await told.first(1);
    expect(message).to.deep.equal({
      runId,
      context: onComplete.context,
      result: { kind: 'success', returnValue: { pages: 3 } },
    });
    expect(callbackId).not.to.equal(runId);
    await settled(t);
    expect(await callbackCount(t)).to.equal(1);
  });

  it('WP-22, WP-23: is told once of a failure, and of no attempt that is made again', async () => {
    const again = job('again', (_message, _data, { attempt }) => {
      throw attempt < 3 ? new RetryableError('later', undefined, { retryAfterMs: 1 }) : new Error('in vain');
    });
    const { library, told } = telling(again);
    await t.work(library);
    const { runId } = await t.run({ jobs: ['again', 'a'], onComplete: { job: 'note' } });
    const [message] = await told.first(1);
    expect(message).to.deep.include({ runId, context: null, result: { kind: 'failed', error: 'in vain' } });
    await settled(t);
    expect(await callbackCount(t)).to.equal(1);
  });

  it('WP-22, WP-23: is told once of a program that is cancelled while it waits', async () => {
    const { library, told } = telling();
    const runId = await t.create({ jobs: ['a'], onComplete });
    await t.executor.cancelProgram(runId);
    await t.work(library);
    expect(await told.first(1)).to.have.nested.property('[0].result.kind', 'canceled');
    expect(told.items[0]!.runId).to.equal(runId);
    await settled(t);
    expect(await callbackCount(t)).to.equal(1);
  });

  for (const byHand of [false, true])
    it(`WP-22, WP-23: is told once of a program that is cancelled while it runs${byHand ? ', by hand' : ''}`, async () => {
      const { hold, entered } = heldJob();
      const { library, told } = telling(hold);
      await t.work(library, { leaseMs: 2_000 });
      const runId = await t.create({ jobs: ['hold'], onComplete });
      await entered;
      if (byHand) await t.change(runId, { errored_at: t.knex.fn.now() });
      else await t.executor.cancelProgram(runId);
      const [message] = await told.first(1);
      expect(message).to.deep.include({ runId, context: onComplete.context, result: { kind: 'canceled' } });
      await settled(t);
      expect(await callbackCount(t)).to.equal(1);
    });

  it('WP-22: is told of a program that was cancelled by hand while it waited', async () => {
    const { library, told } = telling();
    const runId = await t.create({ jobs: ['a'], onComplete });
    await t.change(runId, { errored_at: t.knex.fn.now(), error_message: 'by hand' });
    await t.work(library);
    const [message] = await told.first(1);
    expect(message).to.deep.include({ runId, result: { kind: 'canceled' } });
    await settled(t);
    expect(await callbackCount(t)).to.equal(1);
  });

  it('workers are told of a callback that none of their runs has created', async () => {
    const rings = new Inbox<Ring>();
    const executor = t.createExecutor(notingRings(rings));
    const { library, told } = telling();
    const runId = await t.create({ jobs: ['a'], onComplete });
    await t.change(runId, { errored_at: t.knex.fn.now(), error_message: 'by hand' });
    await t.work(library, {}, executor);
    const [{ callbackId } = {} as Told] = await told.first(1);
    expect((await rings.first(1)).map(({ runIds }) => runIds)).to.deep.equal([[callbackId]]);
  });

  it('WP-25, decided otherwise: one that throws is retried by its own policy; its program has ended all the same', async () => {
    const attempts: number[] = [];
    const note = job(
      'note',
      (_message, _data, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('not yet');
      },
      { retry: { maxAttempts: 3, initialBackoffMs: 1, on: 'any' } },
    );
    await t.work({ ...obedient, ...note });
    const { erroredAt } = await t.run({ jobs: ['a'], onComplete: { job: 'note' } });
    expect(erroredAt).to.equal(null);
    await eventually('three attempts', () => Promise.resolve(attempts.length === 3));
    await settled(t);
    expect(attempts).to.deep.equal([1, 2, 3]);
  });

  it('WP-26: may create more programs, and be told of in turn', async () => {
    const { library, told } = telling({
      ...obedient,
      ...job('more', async ({ programData }, _data, { createProgram }) => {
        await createProgram({ jobs: ['a'], onComplete: { job: 'note', context: programData.runId } });
        throw new NonRetryableError('done, but badly');
      }),
    });
    await t.work(library);
    const inner = { job: 'note', context: 'of the callback' };
    const { runId } = await t.run({ jobs: ['a'], onComplete: { job: 'more', onComplete: inner } });
    const all = await told.first(2);
    const ofCallback = all.find(({ context }) => context === 'of the callback');
    expect(ofCallback!.result).to.deep.equal({ kind: 'failed', error: 'done, but badly' });
    expect(all.find(({ context }) => context === runId)!.result).to.deep.include({ kind: 'success' });
    await settled(t);
    expect(await callbackCount(t)).to.equal(2);
  });

  it('WP-27: works for every kind: many at once, in a batch, of a pool, and within a step’s own transaction', async () => {
    const committing = job('commit', (_message, _data, { transaction }) =>
      transaction(async () => Promise.resolve(7)),
    );
    const { library, told } = telling({ ...obedient, ...committing });
    await t.executor.createPrograms(times(20, { jobs: ['a'], onComplete }));
    await t.executor.createProgram({
      jobs: ['commit'],
      pool: 'p',
      onComplete: { job: 'note', context: 'pool' },
    });
    await batchOf(t, [
      { ...failing(), onComplete },
      { jobs: [], onComplete },
    ]);
    await t.work(library);
    const all = await told.first(23);
    await settled(t);
    expect(new Set(all.map(({ runId }) => runId)).size).to.equal(23);
    expect(await callbackCount(t)).to.equal(23);
    expect(all.find(({ context }) => context === 'pool')!.result).to.deep.equal({
      kind: 'success',
      returnValue: 7,
    });
  });

  it('of a batch: is told once, also where programs are added after its end', async () => {
    const { library, told } = telling();
    const { batches } = t.executor;
    const batch = await batchOf(t, [succeeding, failing()], { onComplete });
    await t.work(library);
    const [message] = await told.first(1);
    const returnValue = { total: 2, finished: 1, errored: 1, cancelled: 0, retried: 0 };
    expect(message).to.deep.include({
      runId: 'batch',
      context: onComplete.context,
      result: { kind: 'success', returnValue },
    });
    const ended = await batches.get(batch.id);
    expect(ended!.status).to.equal('completed');
    await batches.addPrograms(batch, [succeeding], { more: true });
    expect((await batches.get(batch.id))!.status).to.equal('active');
    await batches.seal(batch);
    expect(await batches.waitFor(batch, { intervalMs: 20 })).to.deep.equal(ended);
    await settled(t);
    expect(await callbackCount(t)).to.equal(1);
  });

  it('of a batch that is cancelled: each of its programs, and the batch, are told of once', async () => {
    const { library, told } = telling();
    const { batches } = t.executor;
    const batch = await batchOf(t, times(3, { ...succeeding, onComplete }), {
      onComplete: { job: 'note', context: 'batch' },
    });
    expect(await batches.cancel(batch)).to.equal(3);
    expect(await batches.cancel(batch)).to.equal(0);
    await t.work(library);
    const all = await told.first(4);
    expect(all.map(({ result }) => result.kind)).to.deep.equal(Array(4).fill('canceled'));
    expect(all.filter(({ context }) => context === 'batch')).to.have.length(1);
    await settled(t);
    expect(await callbackCount(t)).to.equal(4);
    expect(await batches.stats(batch)).to.include({ total: 3, cancelled: 3, waiting: 0 });
    expect(await batches.get(batch.id)).to.include({ status: 'cancelled' });
  });
});
