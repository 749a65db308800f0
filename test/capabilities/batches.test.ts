import { expect } from 'chai';
import { RetryableError, type BatchStats, type ProgramInput } from '../../index.js';
import { describeContract, gate, job, rejection } from '../contract/harness.js';
import { Inbox } from '../support/inbox.js';
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

/** Programs that cannot be read to their end: after the first ones and this, the source fails. */
async function* breakingOff(
  programs: readonly ProgramInput[],
  before: () => Promise<void>,
): AsyncGenerator<ProgramInput> {
  yield* programs;
  await before();
  throw new Error('no such file');
}

describeContract('batches', (t) => {
  it('TEM-4: a new batch is active, and keeps its code, type, metadata and criteria', async () => {
    const interruption = { maxErrored: 3 };
    const created = await t.executor.batches.create({
      code: 'May',
      type: 'mails',
      metadata: { shop: 'Größe', pages: [1, 2] },
      interruption,
    });
    expect(created).to.deep.include({
      code: 'May',
      type: 'mails',
      metadata: { shop: 'Größe', pages: [1, 2] },
      interruption,
      status: 'active',
      isPaused: false,
      completedAt: null,
    });
    expect(created.id).to.be.a('number');
    expect(created.createdAt).to.be.a('date');
    expect(await t.executor.batches.get(created.id)).to.deep.equal(created);
  });

  it('TEM-5: a code is required, and belongs to one batch', async () => {
    const { batches } = t.executor;
    await batches.create({ code: 'May' });
    const twice = await rejection(batches.create({ code: 'May', type: 'other' }));
    expect(twice).to.include({ code: 'PE_BATCH_EXISTS' });
    expect((await batches.create({ code: 'may' })).code).to.equal('may');
    for (const code of [undefined, '', 7])
      expect((await rejection(batches.create({ code } as never))).message).to.contain('batch.code');
  });

  it('TEM-5: of many that create it at once, one succeeds', async () => {
    const executors = [t.executor, t.createExecutor(), t.createExecutor()];
    const created = await Promise.allSettled(
      executors.flatMap(({ batches }) => [batches.create({ code: 'May' }), batches.create({ code: 'May' })]),
    );
    expect(created.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    for (const each of created)
      if (each.status === 'rejected') expect(each.reason).to.include({ code: 'PE_BATCH_EXISTS' });
  });

  it('TEM-6: is found by its id and by its code; undefined when there is none', async () => {
    const { batches } = t.executor;
    const batch = await batches.create({ code: '42' });
    expect(await batches.get(batch.id)).to.deep.equal(batch);
    expect(await batches.getByCode('42')).to.deep.equal(batch);
    expect(await batches.get(batch.id + 1)).to.equal(undefined);
    expect(await batches.getByCode('43')).to.equal(undefined);
  });

  it('TEM-7: are listed newest first, of one type or of all', async () => {
    const { batches } = t.executor;
    for (const [code, type] of [
      ['1', 'x'],
      ['2', 'y'],
      ['3', 'x'],
    ] as const)
      await batches.create({ code, type });
    const codes = async (filter?: Parameters<typeof batches.list>[0]) =>
      (await batches.list(filter)).map(({ code }) => code);
    expect(await codes()).to.deep.equal(['3', '2', '1']);
    expect(await codes({ type: 'x' })).to.deep.equal(['3', '1']);
    expect(await codes({ limit: 1 })).to.deep.equal(['3']);
    await batches.seal('2');
    expect(await codes({ status: 'completed' })).to.deep.equal(['2']);
  });

  it('TEM-8: statistics are zeros for an empty batch', async () => {
    const batch = await t.executor.batches.create({ code: 'empty' });
    expect(await t.executor.batches.stats(batch)).to.deep.equal(NOTHING);
  });

  it('TEM-8: statistics add up, while programs run and after a mixed run', async () => {
    const hold = gate();
    const library = {
      ...obedient,
      ...job('hold', () => hold.opened),
      ...job('again', (_message, _data, { attempt }) => {
        if (attempt < 3) throw new RetryableError('later', undefined, { retryAfterMs: 1 });
      }),
    };
    const again = { jobs: ['again'] };
    const batch = await batchOf(t, [succeeding, failing(), again, ...times(2, { jobs: ['hold'] })]);
    await t.executor.batches.addPrograms(batch, times(3, { jobs: ['a'], concurrencyKey: 'x' }), {
      more: true,
    });
    const worker = await t.work(library, { concurrency: 10 });
    await statsBecome(t, batch, { total: 8, running: 2, finished: 5, errored: 1, retried: 2 });
    await worker.stop({ timeoutMs: 0 });
    await statsBecome(t, batch, { total: 8, waiting: 2, finished: 5, errored: 1, retried: 2 });
    hold.open();
    await t.work(library);
    await statsBecome(t, batch, { total: 8, finished: 7, errored: 1, retried: 2 });
  });

  it('TEM-9, TEM-10: completes by itself when its last program ends, whichever way it ends', async () => {
    const { batch } = await runOneByOne(t, [succeeding, failing(), { jobs: [] }]);
    expect(batch.status).to.equal('completed');
    expect(batch.completedAt).to.be.a('date');
  });

  it('TEM-9: an empty batch completes when nothing more is to come', async () => {
    const { batches } = t.executor;
    const empty = await batches.create({ code: 'sealed' });
    await batches.seal(empty);
    expect((await batches.get(empty.id))!.status).to.equal('completed');
    expect((await batchOf(t, [], { code: 'nothing added' })).status).to.equal('active');
    expect((await batches.getByCode('nothing added'))!.status).to.equal('completed');
  });

  it('TEM-10: does not complete while more is to be added, and at once when it is known that nothing is', async () => {
    const { batches } = t.executor;
    const batch = await batches.create({ code: 'batch' });
    await batches.addPrograms(batch, [succeeding], { more: true });
    await t.work(obedient);
    await statsBecome(t, batch, { total: 1, finished: 1 });
    expect((await batches.get(batch.id))!).to.include({ status: 'active', completedAt: null });
    await batches.seal(batch);
    expect((await batches.get(batch.id))!.status).to.equal('completed');
  });

  it('TEM-10: completes after programs were refused as it does without them', async () => {
    const { batches } = t.executor;
    const hold = gate();
    const batch = await batchOf(t, [{ jobs: ['hold'] }]);
    await t.work(job('hold', () => hold.opened));
    await statsBecome(t, batch, { total: 1, running: 1 });
    const refused = await rejection(batches.addPrograms(batch, [succeeding, { jobs: 5 } as never]));
    expect(refused).to.include({ code: 'PE_INVALID_PROGRAM' });
    hold.open();
    expect((await batches.waitFor(batch, { intervalMs: 20, timeoutMs: 10_000 })).status).to.equal(
      'completed',
    );
  });

  it('TEM-10: completes at once where its last program ended while programs were refused', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, [succeeding]);
    const broken = breakingOff([], async () => {
      await t.work(obedient);
      await statsBecome(t, batch, { total: 1, finished: 1 });
    });
    expect(await rejection(batches.addPrograms(batch, broken))).to.include({ message: 'no such file' });
    expect(await batches.get(batch.id)).to.include({ status: 'completed' });
  });

  it('TEM-10: is left open for the rest where some were added', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, [succeeding]);
    const broken = breakingOff(times(1_000, succeeding), () =>
      statsBecome(t, batch, { total: 1_001, waiting: 1_001 }),
    );
    expect(await rejection(batches.addPrograms(batch, broken))).to.include({ message: 'no such file' });
    await t.work(obedient);
    await statsBecome(t, batch, { total: 1_001, finished: 1_001 });
    expect(await batches.get(batch.id)).to.include({ status: 'active' });
  });

  it('TEM-11, decided otherwise: what a lost worker ran is taken over by itself, and keeps its attempt', async () => {
    const [entered, attempts] = [gate(), [] as number[]];
    const batch = await batchOf(t, [succeeding]);
    await t.work(
      job('a', (_message, _data, { attempt }) => {
        attempts.push(attempt);
        if (attempts.length === 1) {
          entered.open();
          return new Promise(() => undefined);
        }
        return undefined;
      }),
      { concurrency: 2 },
    );
    await entered.opened;
    await t.knex(t.table).update({ claimed_by: 'a worker that died', claimed_until: 1 });
    await t.executor.batches.waitFor(batch, { intervalMs: 20 });
    expect(attempts).to.deep.equal([1, 1]);
    expect(await t.executor.batches.stats(batch)).to.deep.equal({ ...NOTHING, total: 1, finished: 1 });
  });

  it('TEM-12, TEM-52: retryErrored runs all that errored again, from their first attempt', async () => {
    const attempts: number[] = [];
    let isMended = false;
    const library = job(
      'a',
      (_message, _data, { attempt }) => {
        attempts.push(attempt);
        if (!isMended) throw new RetryableError('no', undefined, { retryAfterMs: 1 });
      },
      { retry: { maxAttempts: 2, initialBackoffMs: 1 } },
    );
    const batch = await batchOf(t, times(3, succeeding));
    await t.work(library, { concurrency: 1 });
    await t.executor.batches.waitFor(batch, { intervalMs: 20 });
    expect(attempts.sort()).to.deep.equal([1, 1, 1, 2, 2, 2]);
    isMended = true;
    expect(await t.executor.batches.retryErrored(batch)).to.equal(3);
    expect((await t.executor.batches.get(batch.id))!.status).to.be.oneOf(['active', 'completed']);
    const { status } = await t.executor.batches.waitFor(batch, { intervalMs: 20 });
    expect(status).to.equal('completed');
    expect(attempts.slice(6)).to.deep.equal([1, 1, 1]);
    expect(await t.executor.batches.stats(batch)).to.include({
      total: 3,
      finished: 3,
      errored: 0,
      retried: 3,
    });
    expect(await t.executor.batches.retryErrored(batch)).to.equal(0);
  });

  for (const [what, program] of [
    ['programs', succeeding],
    ['programs with keys', { ...succeeding, idempotencyKey: 'order 7' }],
  ] as const)
    it(`takes no ${what} that are being added while it is cancelled, and says so; others are not touched`, async () => {
      const { batches } = t.executor;
      const cancelled = gate();
      async function* later(more: ProgramInput): AsyncGenerator<ProgramInput> {
        await cancelled.opened;
        yield more;
      }
      const batch = await batchOf(t, [succeeding]);
      const other = await batches.create({ code: 'other' });
      const adding = rejection(batches.addPrograms(batch, later(program)));
      const addingToOther = batches.addPrograms(other, later(succeeding));
      await batches.cancel(batch);
      cancelled.open();
      expect(await adding).to.include({
        code: 'PE_BATCH_ENDED',
        message: 'Batch batch is cancelled: nothing is added to it or started in it any more; create another',
      });
      expect(await addingToOther).to.equal(1);
      expect(await batches.stats(batch)).to.deep.equal({ ...NOTHING, total: 1, cancelled: 1 });
      expect(await batches.stats(other)).to.deep.equal({ ...NOTHING, total: 1, waiting: 1 });
      expect(await t.rowCount()).to.equal(2);
    });

  it('nothing of a cancelled batch is started again, and whoever asks for it is told so', async () => {
    const { batches } = t.executor;
    const batch = await batches.create({ code: 'batch' });
    const { id } = batch;
    await batches.addPrograms(id, [failing(), succeeding], { more: true });
    await t.work(obedient);
    await statsBecome(t, batch, { total: 2, finished: 1, errored: 1 });
    await batches.cancel(id);
    const cancelled = await batches.get(id);
    for (const call of ['retryErrored', 'resume'] as const)
      expect(await rejection(batches[call](id))).to.include({ code: 'PE_BATCH_ENDED' });
    expect(await batches.get(id)).to.deep.equal(cancelled);
    expect(await batches.stats(id)).to.deep.equal({ ...NOTHING, total: 2, finished: 1, errored: 1 });
  });

  it('TEM-13: a batch that is not there is an error that names it', async () => {
    const { batches } = t.executor;
    for (const ref of [77, 'nobody', { id: 77 }]) {
      const name = typeof ref === 'object' ? ref.id : ref;
      for (const call of ['stats', 'resume', 'waitFor', 'seal'] as const)
        expect(await rejection(batches[call](ref))).to.include({ message: `Batch not found: ${name}` });
    }
  });

  it('what names no batch, or is no list, limit or reason, is refused by its name', async () => {
    const { batches } = t.executor;
    const batch = await batches.create({ code: 'batch' });
    const wrong = [
      [() => batches.stats(null as never), 'PE_CONFIG', 'batch: expected a batch, its id or its code'],
      [() => batches.stats(1.5), 'PE_CONFIG', 'batch: expected a batch, its id or its code'],
      [
        () => batches.seal({ id: 'batch' } as never),
        'PE_CONFIG',
        'batch: expected a batch, its id or its code',
      ],
      [
        () => batches.get('b' as never),
        'PE_CONFIG',
        'id: expected a whole number; getByCode finds a batch by its code',
      ],
      [() => batches.list({ limit: 1e20 }), 'PE_CONFIG', 'limit: expected a whole number from 1'],
      [() => batches.interrupt(batch, 5 as never), 'PE_CONFIG', 'reason: expected a text'],
      [() => batches.cancel(batch, 5 as never), 'PE_CONFIG', 'reason: expected a text'],
      [() => batches.addJobs(batch, 'a', {} as never), 'PE_INVALID_PROGRAM', 'an array or an iterable'],
    ] as const;
    for (const [call, code, message] of wrong) {
      const error = await rejection(call());
      expect(error, error.message).to.include({ code });
      expect(error.message).to.contain(message);
    }
    expect(await batches.get(batch.id)).to.deep.equal(batch);
  });

  it('TEM-37: two workers run each program of a batch once', async () => {
    const runIds: string[] = [];
    const note = job('a', ({ runId }) => void runIds.push(runId));
    const batch = await batchOf(t, times(200, succeeding));
    await t.work(note, { concurrency: 7 });
    await t.work(note, { concurrency: 7 }, t.createExecutor());
    await t.executor.batches.waitFor(batch, { intervalMs: 20 });
    expect(runIds).to.have.length(200);
    expect(new Set(runIds).size).to.equal(200);
    expect(await t.executor.batches.stats(batch)).to.deep.equal({ ...NOTHING, total: 200, finished: 200 });
  });

  it('TEM-38: waitFor tells how far it is, and gives up when it is told to', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, [succeeding]);
    const late = await rejection(batches.waitFor(batch, { timeoutMs: 1 }));
    expect(late).to.include({ code: 'PE_BATCH_TIMEOUT', message: 'Batch batch did not end within 1 ms' });
    const seen = new Inbox<number>();
    const onProgress = ({ waiting }: BatchStats) => seen.add(waiting);
    const ended = batches.waitFor(batch, { intervalMs: 5, onProgress });
    await seen.first(1);
    await t.work(obedient);
    expect((await ended).status).to.equal('completed');
    expect([seen.items[0], seen.items.at(-1)]).to.deep.equal([1, 0]);
  });

  it('TEM-38: waitFor ends with what the function that it tells throws or rejects with', async () => {
    const { batches } = t.executor;
    const batch = await batchOf(t, [succeeding]);
    const broken = [
      () => {
        throw new Error('no terminal');
      },
      () => Promise.reject(new Error('no terminal')),
    ];
    for (const onProgress of broken)
      expect(await rejection(batches.waitFor(batch, { onProgress }))).to.include({ message: 'no terminal' });
  });
});
