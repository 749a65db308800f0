import { expect } from 'chai';
import { describeContract, gate, job, type Fixture } from '../contract/harness.js';
import { eventually } from '../support/eventually.js';
import { batchOf, failing, obedient, statsBecome, succeeding, times } from './batch-fixture.js';
import { heldJob } from './held-job.js';

const runIds = async ({ knex, table }: Fixture): Promise<string[]> => {
  const rows = await knex<{ run_id: string }>(table).orderBy('id').select('run_id');
  return rows.map(({ run_id }) => run_id);
};

const cancelledByHand = ({ knex }: Fixture) => ({ errored_at: knex.fn.now(), error_message: 'by hand' });

describeContract('batches that somebody edits by hand', (t) => {
  it('EM-17: a waiting program that is cancelled counts as such, and takes its end back', async () => {
    const batch = await batchOf(t, times(2, succeeding));
    const [first = ''] = await runIds(t);
    await t.change(first, cancelledByHand(t));
    await t.work(obedient);
    await statsBecome(t, batch, { total: 2, finished: 1, cancelled: 1 });
    expect((await t.executor.batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
    await t.change(first, { errored_at: null });
    await statsBecome(t, batch, { total: 2, finished: 2 });
    expect((await t.executor.batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
  });

  it('EM-17: a running program that is cancelled counts as such, and takes its end back', async () => {
    const { hold, entered } = heldJob();
    const batch = await batchOf(t, [{ jobs: ['hold'] }, succeeding]);
    await t.work({ ...obedient, ...hold }, { leaseMs: 2_000 });
    await entered;
    const [first = ''] = await runIds(t);
    await t.change(first, cancelledByHand(t));
    await statsBecome(t, batch, { total: 2, finished: 1, cancelled: 1 });
    await t.change(first, { errored_at: null });
    await statsBecome(t, batch, { total: 2, finished: 2 });
  });

  it('EM-17: one that is cancelled and taken back at once is none that ended', async () => {
    const { hold, entered, runs } = heldJob();
    const batch = await batchOf(t, [{ jobs: ['hold'] }, succeeding]);
    await t.work({ ...obedient, ...hold }, { leaseMs: 2_000 });
    await entered;
    const [first = ''] = await runIds(t);
    await t.executor.cancelProgram(first);
    await t.executor.resumeProgram(first);
    await statsBecome(t, batch, { total: 2, finished: 2 });
    expect(runs()).to.equal(2);
  });

  it('EM-17: one that goes on, as its end was taken back before it heard of it, is counted once', async () => {
    const [entered, leave] = [gate(), gate()];
    const hold = job('hold', () => {
      entered.open();
      return leave.opened;
    });
    const batch = await batchOf(t, [{ jobs: ['hold'] }, succeeding]);
    await t.work({ ...obedient, ...hold });
    await entered.opened;
    const [first = ''] = await runIds(t);
    await t.executor.cancelProgram(first);
    await t.change(first, { errored_at: null });
    leave.open();
    await statsBecome(t, batch, { total: 2, finished: 2 });
    expect((await t.executor.batches.waitFor(batch, { intervalMs: 20 })).status).to.equal('completed');
  });

  it('EM-17: one that is cancelled again after its end was taken back is counted once', async () => {
    const batch = await batchOf(t, times(2, succeeding));
    const [first = ''] = await runIds(t);
    await t.executor.cancelProgram(first);
    await t.change(first, { errored_at: null });
    await t.executor.cancelProgram(first);
    await statsBecome(t, batch, { total: 2, waiting: 1, cancelled: 1 });
    expect((await t.executor.batches.get(batch.id))!.status).not.to.equal('completed');
  });

  it('EM-17: one that is retried before anybody finds its end taken back is counted once', async () => {
    const batch = await batchOf(t, times(2, succeeding));
    const [first = ''] = await runIds(t);
    await t.executor.cancelProgram(first);
    await t.change(first, { errored_at: null });
    await t.executor.retry(first);
    await statsBecome(t, batch, { total: 2, waiting: 2 });
  });

  it('EM-17: one whose lease ended after it was cancelled records nothing, though that is taken back', async () => {
    const [entered, leave] = [gate(), gate()];
    let runs = 0;
    const hold = job('hold', () => {
      runs += 1;
      entered.open();
      return leave.opened;
    });
    const batch = await batchOf(t, [{ jobs: ['hold'] }]);
    await t.work({ ...obedient, ...hold }, { concurrency: 1 });
    await entered.opened;
    const [first = ''] = await runIds(t);
    await t.executor.cancelProgram(first);
    await t.change(first, { claimed_until: 0 });
    const other = await t.work(obedient, {}, t.createExecutor());
    await eventually('its slot is swept', async () => (await t.knex(`${t.table}_slots`)).length === 0);
    await other.stop();
    await t.change(first, { errored_at: null });
    leave.open();
    await statsBecome(t, batch, { total: 1, finished: 1 });
    expect(runs).to.equal(2);
  });

  it('EM-17: an errored program whose end is taken back runs again, and its batch counts it anew', async () => {
    const batch = await batchOf(t, [failing(), succeeding]);
    await t.work(obedient);
    await statsBecome(t, batch, { total: 2, finished: 1, errored: 1 });
    const [first = ''] = await runIds(t);
    await t.change(first, { program_data: '{}', errored_at: null });
    await statsBecome(t, batch, { total: 2, finished: 2 });
    expect((await t.executor.batches.get(batch.id))!.status).to.equal('completed');
  });

  it('a program that is cancelled while its batch is interrupted, or while it waits for later, counts soon', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, times(2, succeeding));
    await batches.interrupt(batch);
    const [first = '', second = ''] = await runIds(t);
    await t
      .knex(t.table)
      .where({ run_id: second })
      .update({ ready_at: 2 ** 52 });
    await t.knex(t.table).update(cancelledByHand(t));
    await t.work(obedient);
    await statsBecome(t, batch, { total: 2, cancelled: 2 });
    expect((await batches.get(batch.id))!.status).to.equal('completed');
    expect(first).not.to.equal(second);
  });

  it('a running program whose row is deleted is not waited for', async () => {
    const { hold, entered } = heldJob();
    const batch = await batchOf(t, [{ jobs: ['hold'] }, succeeding]);
    await t.work({ ...obedient, ...hold }, { leaseMs: 2_000 });
    await t.work(obedient, { leaseMs: 2_000 }, t.createExecutor());
    await entered;
    const [first = ''] = await runIds(t);
    await t.knex(t.table).where({ run_id: first }).delete();
    await statsBecome(t, batch, { total: 2, finished: 1, cancelled: 1 });
  });

  it('a program whose row is deleted as soon as it has ended is counted once', async () => {
    const { hold, entered } = heldJob();
    const batch = await batchOf(t, [succeeding, { jobs: ['hold'] }]);
    const [first = '', second = ''] = await runIds(t);
    const worker = await t.work({ ...obedient, ...hold });
    await entered;
    await t.ended(first);
    await t.knex(t.table).where({ run_id: first }).delete();
    await eventually('what runs has a slot', async () => (await t.knex(`${t.table}_slots`)).length === 1);
    expect(await t.executor.batches.stats(batch)).to.include({ finished: 1, cancelled: 0, running: 1 });
    await t.executor.cancelProgram(second);
    await worker.stop();
  });
});
