import { expect } from 'chai';
import { describeContract, job, rejection } from '../contract/harness.js';

const program = { jobs: ['a'], programData: { shop: 1, tag: 'x' }, idempotencyKey: 'order 1' };

describeContract('idempotency keys', (t) => {
  it('the same key gives back the same runId, also when the program has ended, and creates nothing', async () => {
    await t.work(job('a'));
    const runId = await t.create(program);
    await t.ended(runId);
    const reordered = { ...program, programData: { tag: 'x', shop: 1 } };
    expect(await t.create(reordered, { runAfter: 1_000 })).to.equal(runId);
    expect(await t.rowCount()).to.equal(1);
    expect(await t.create({ ...program, idempotencyKey: 'order 2' })).to.not.equal(runId);
  });

  it('50 callers that come at once with one key create exactly one program', async () => {
    const callers = [t.executor, t.createExecutor()];
    const runIds = await Promise.all(
      Array.from({ length: 50 }, (_, index) => callers[index % 2]!.createProgram(program)),
    );
    expect(new Set(runIds)).to.have.length(1);
    expect(await t.rowCount()).to.equal(1);
  });

  it('other content under one key is an error that names the program, and nothing is written', async () => {
    const runId = await t.create(program);
    for (const other of [
      { ...program, jobs: ['a', 'b'] },
      { ...program, programData: { shop: 2 } },
      { ...program, jobData: { a: { x: 1 } } },
      { ...program, priority: 5 },
    ]) {
      const error = await rejection(t.executor.createPrograms([{ jobs: ['a'] }, other]));
      expect(error).to.include({ code: 'PE_IDEMPOTENCY_CONFLICT', idempotencyKey: 'order 1', runId });
    }
    const sameId = t.create({ ...program, jobs: ['b'] }, { runId });
    expect(await rejection(sameId)).to.include({ code: 'PE_IDEMPOTENCY_CONFLICT' });
    expect(await t.rowCount()).to.equal(1);
  });

  it('in one call, programs of the same key are one; others are created beside them, in order', async () => {
    const [first, plain, again, other] = await t.executor.createPrograms([
      program,
      { jobs: ['a'] },
      program,
      { ...program, idempotencyKey: 'order 2' },
    ]);
    expect(again).to.equal(first);
    expect(new Set([first, plain, other])).to.have.length(3);
    expect(await t.rowCount()).to.equal(3);
    const conflict = t.executor.createPrograms([
      { ...program, idempotencyKey: 'order 3' },
      { jobs: ['b'], idempotencyKey: 'order 3' },
    ]);
    expect(await rejection(conflict)).to.include({ code: 'PE_IDEMPOTENCY_CONFLICT' });
    expect(await t.rowCount()).to.equal(3);
  });

  it('a key that was used in a transaction which is rolled back is free; committed, it counts', async () => {
    const rolledBack = await t.knex.transaction();
    const lost = await t.executor.createProgram(program, { trx: rolledBack });
    await rolledBack.rollback();
    const runId = await t.knex.transaction(async (trx) => {
      const created = await t.executor.createProgram(program, { trx });
      expect(await t.executor.createProgram(program, { trx })).to.equal(created);
      return created;
    });
    expect(runId).to.not.equal(lost);
    expect(await t.create(program)).to.equal(runId);
    expect(await t.rowCount()).to.equal(1);
  });

  it('a key lives as long as its program: when that is deleted, the next caller creates another', async () => {
    const runId = await t.create(program);
    await t.knex(t.table).where({ run_id: runId }).delete();
    const next = await t.create({ ...program, jobs: ['b'] });
    expect(next).to.not.equal(runId);
    expect(await t.create({ ...program, jobs: ['b'] })).to.equal(next);
  });

  it('WP-46: a program of a pool has a key like any other', async () => {
    const inPool = { ...program, pool: 'mail' };
    const runId = await t.create(inPool);
    expect(await t.create(inPool)).to.equal(runId);
    expect(await rejection(t.create({ ...program, pool: 'sms' }))).to.include({
      code: 'PE_IDEMPOTENCY_CONFLICT',
    });
    expect(await t.rowCount()).to.equal(1);
  });

  it('refuses what can be no key', async () => {
    for (const idempotencyKey of ['', 'a ', 7, null, 'a\u0000', 'x'.repeat(256)])
      expect(await rejection(t.create({ jobs: [], idempotencyKey: idempotencyKey as string }))).to.include({
        code: 'PE_INVALID_PROGRAM',
        field: 'idempotencyKey',
      });
  });
});

describeContract('the bounds of runAt', (t) => {
  const YEAR_MS = 365 * 86_400_000;

  it('WP-10, WP-11: more than a year ago means now: it takes its turn behind what waits', async () => {
    const waiting = await t.create({ jobs: ['a'] });
    const old = await t.create({ jobs: ['a'] }, { runAt: 0 });
    expect((await t.row(old))['due_at']).to.be.at.least((await t.row(waiting))['due_at'] as number);
    const lately = Date.now() - YEAR_MS / 2;
    expect((await t.row(await t.create({ jobs: ['a'] }, { runAt: lately })))['due_at']).to.equal(lately);
  });

  it('WP-11: more than four years ahead is refused, as the program would seem lost', async () => {
    for (const options of [{ runAt: Date.now() + 4.01 * YEAR_MS }, { runAfter: 4.01 * YEAR_MS }])
      expect(await rejection(t.create({ jobs: ['a'] }, options))).to.include({ code: 'PE_INVALID_PROGRAM' });
    const far = await t.create({ jobs: ['a'] }, { runAt: new Date(Date.now() + 3.99 * YEAR_MS) });
    expect((await t.executor.status(far))!).to.include({ waitsFor: 'start' });
  });
});
