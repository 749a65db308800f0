import { expect } from 'chai';
import { ConfigError, type ProgramInput } from '../../index.js';
import { partsOf } from '../../src/executor-parts.js';
import { describeContract, job, rejection, type Fixture } from '../contract/harness.js';
import { allOf } from '../support/all-of.js';
import { eventually } from '../support/eventually.js';
import { batchOf, obedient, statsBecome, succeeding } from './batch-fixture.js';
import { Occupancy } from './occupancy.js';

/** A program whose executions are known by this name. */
const named = (name: string, more: Partial<ProgramInput> = {}): ProgramInput => ({
  jobs: ['a'],
  programData: { name },
  ...more,
});

/** The `runId`s of the programs of a batch, in the order in which they were added. */
async function runIdsOf({ knex, table }: Fixture, batch: { id: number }): Promise<string[]> {
  const rows = await knex(table).where({ batch_id: batch.id }).orderBy('id').select('run_id');
  return rows.map((row) => String(row['run_id']));
}

/** They grow with each claim, also with one that runs nothing. */
function fencesOf(t: Fixture, runIds: readonly string[]): Promise<number[]> {
  return Promise.all(runIds.map(async (runId) => (await t.row(runId))['fence'] as number));
}

/** Jobs that do nothing but note of which programs they were run. */
function noting(seen: Set<string>) {
  const note = ({ runId }: { runId: string }) => void seen.add(runId);
  return { ...job('a', note), ...job('pooled', note, { pool: 'mail' }), ...job('done', note) };
}

describeContract('workers for one batch', (t) => {
  it('TEM-34: such a worker runs what its batch has, in all pools and priorities, and nothing else', async () => {
    const plain = await t.executor.createPrograms([succeeding, { ...succeeding, pool: 'mail', priority: 9 }]);
    const other = await batchOf(t, [succeeding, { ...succeeding, priority: 9 }], { code: 'other' });
    const ours = await batchOf(
      t,
      [
        succeeding,
        { ...succeeding, pool: 'mail', concurrencyKey: 'shop' },
        { ...succeeding, priority: 5 },
        { ...succeeding, priority: 3, pool: 'post' },
        { jobs: ['a', 'pooled', 'a'] },
      ],
      { code: 'ours' },
    );
    const [seen, seenByOther] = [new Set<string>(), new Set<string>()];
    const others = [...plain, ...(await runIdsOf(t, other))];
    const fences = await fencesOf(t, others);
    await t.work(noting(seen), { batch: 'ours' });
    await statsBecome(t, ours, { total: 5, finished: 5 });
    // A second round, so that it has looked for more while the others waited.
    await t.executor.batches.addPrograms(ours, [succeeding]);
    await statsBecome(t, ours, { total: 6, finished: 6 });
    expect((await t.executor.batches.get(ours.id))?.status).to.equal('completed');
    expect([...seen]).to.have.members(await runIdsOf(t, ours));
    expect(await fencesOf(t, others)).to.deep.equal(fences);

    await t.work(noting(seenByOther));
    for (const runId of others) await t.ended(runId);
    expect([...seenByOther]).to.have.members(others);
  });

  it('TEM-34: an ordinary worker beside it takes programs of that batch, too', async () => {
    const occupancy = new Occupancy().hold('first');
    const batch = await batchOf(t, [named('first')]);
    await t.work(occupancy.job('a'), { batch: 'batch', concurrency: 1 });
    await occupancy.started.first(1);
    const seen = new Set<string>();
    await t.work(noting(seen), {}, t.createExecutor());
    await t.executor.batches.addPrograms(batch, [named('second')]);
    await statsBecome(t, batch, { total: 2, running: 1, finished: 1 });
    const [, second = ''] = await runIdsOf(t, batch);
    expect([...seen]).to.deep.equal([second]);
    occupancy.letGo('first');
    await statsBecome(t, batch, { total: 2, finished: 2 });
  });

  it('TEM-34: the limits of a pool hold for it and for others together', async () => {
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    const occupancy = new Occupancy().hold('first');
    await t.work(occupancy.job('a'), {}, t.createExecutor());
    const first = await t.create(named('first', { pool: 'mail' }));
    await occupancy.started.first(1);
    const batch = await t.executor.batches.create({ code: 'batch' });
    await t.work(occupancy.job('a'), { batch: 'batch' });
    await t.executor.batches.addPrograms(batch, [
      named('free'),
      named('second', { pool: 'mail' }),
      named('third', { pool: 'mail' }),
    ]);
    await statsBecome(t, batch, { total: 3, waiting: 2, finished: 1 });
    const [, second = ''] = await runIdsOf(t, batch);
    expect(await t.executor.why(second)).to.deep.include({ code: 'poolFull', blockedBy: [first] });
    occupancy.letGo('first');
    await statsBecome(t, batch, { total: 3, finished: 3 });
    expect(occupancy.started.items).to.have.members(['first', 'free', 'second', 'third']);
  });

  it('TEM-34: the callback of its batch, as a program of no batch, is left to an ordinary worker', async () => {
    const seen = new Set<string>();
    const batch = await batchOf(t, [succeeding], { code: 'march', onComplete: { job: 'done' } });
    await t.work(noting(new Set()), { batch: 'march' });
    await statsBecome(t, batch, { total: 1, finished: 1 });
    const callback = await t.knex(t.table).whereNull('batch_id').first('run_id');
    const runId = String(callback?.['run_id']);
    await t.executor.batches.addPrograms(batch, [succeeding]);
    await statsBecome(t, batch, { total: 2, finished: 2 });
    expect(await t.executor.status(runId)).to.include({ state: 'waiting', waitsFor: 'worker' });
    await t.work(noting(seen));
    await t.ended(runId);
    expect([...seen]).to.deep.equal([runId]);
  });

  it('TEM-34: a batch that is not there, or a code that can be none, is refused before anything is claimed', async () => {
    const batch = await batchOf(t, [succeeding], { code: 'march' });
    const fences = await fencesOf(t, await runIdsOf(t, batch));
    for (const [code, expected] of [
      ['april', 'no batch april'],
      ['MARCH', 'no batch MARCH'],
      ['', 'expected the code of a batch'],
      [batch.id, 'expected the code of a batch'],
      [null, 'expected the code of a batch'],
    ] as const) {
      const error = await rejection(t.executor.processPrograms(obedient, { batch: code as string }));
      expect(error, expected).to.be.instanceOf(ConfigError);
      expect(error.message).to.include('options.batch').and.include(expected);
    }
    expect((await rejection(t.executor.processPrograms(obedient, { batch: 'april' }))).message).to.include(
      'batches.create',
    );
    expect(await fencesOf(t, await runIdsOf(t, batch))).to.deep.equal(fences);
    expect(await t.executor.workers()).to.deep.equal([]);
  });

  it('TEM-34: what waits for others, or for its paused batch, keeps it neither awake nor busy', async () => {
    await t.create(succeeding);
    await batchOf(t, [succeeding], { code: 'other' });
    const ours = await batchOf(t, [succeeding], { code: 'ours' });
    const claims = partsOf(t.executor)!.programs.openClaims('a worker', 60_000, 0, ours.id);
    expect(await claims.untilDueMs()).to.equal(0);
    await t.executor.batches.pause(ours);
    expect(await claims.untilDueMs()).to.equal(undefined);
    expect(await allOf(claims.claimDue(10))).to.deep.equal([]);
  });

  it('TEM-34: what waits for an ordinary worker has none while only such a worker is alive, as why says', async () => {
    const [ours, other] = [
      await batchOf(t, [succeeding], { code: 'ours' }),
      await batchOf(t, [succeeding], { code: 'other' }),
    ];
    await t.executor.batches.pause(ours);
    const { id } = await t.work(obedient, { batch: 'ours' });
    const row = await eventually('it is in the registry', async () =>
      (await t.executor.workers()).find((worker) => worker.id === id),
    );
    expect(row.batch).to.equal('ours');
    for (const runId of [await t.create(succeeding), ...(await runIdsOf(t, other))]) {
      const { code, message } = await t.executor.why(runId);
      expect([code, message]).to.deep.equal([
        'noWorker',
        'It is due, but every worker that is alive on this table runs programs of another batch alone; start one that does not.',
      ]);
    }
    const { code } = await t.executor.why((await runIdsOf(t, ours))[0] ?? '');
    expect(code).to.equal('batchPaused');
    const ordinary = await t.work(obedient);
    const view = await eventually('the other is in the registry', async () =>
      (await t.executor.workers()).find((worker) => worker.id === ordinary.id),
    );
    expect(view.batch).to.equal(null);
  });
});

describeContract(
  'workers for one batch, beside a broker',
  (t) => {
    it('TEM-34: no hint is swallowed: a plain program is rung for when an ordinary worker starts', async () => {
      const queue = { durable: true, arguments: { 'x-queue-type': 'quorum' } };
      await t.broker?.channel.assertQueue(t.queue, queue);
      const batch = await batchOf(t, [succeeding]);
      await t.work(obedient, { batch: 'batch' });
      await statsBecome(t, batch, { total: 1, finished: 1 });
      const runId = await t.create(succeeding);
      const { consumerCount } = await eventually('its hint and that of the batch are there', async () => {
        const found = await t.broker?.channel.checkQueue(t.queue);
        return found?.messageCount === 2 && found;
      });
      expect(consumerCount).to.equal(0);
      await t.work(obedient);
      await t.ended(runId);
      await eventually('the hints were used', async () => (await t.broker?.messageCount(t.queue)) === 0);
    });
  },
  ({ hasBroker }) => hasBroker,
);
