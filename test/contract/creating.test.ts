import { expect } from 'chai';
import type { CreateOptions, ProgramInput } from '../../index.js';
import { describeContract, job, rejection, withoutBroker } from './harness.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describeContract('creating', (t) => {
  it('EM-8, EM-10, EM-13: writes a row with defaults before the runId is known', async () => {
    const runId = await t.create({ jobs: ['a'] });
    expect(runId).to.match(UUID_V7);
    const row = await t.row(runId);
    expect(row).to.include({ step: 0, step_retry_count: 0, fence: 0, lost_count: 0, claimed_by: null });
    expect(row).to.include({ finished_at: null, errored_at: null, error_message: null });
    const program = await t.executor.getProgram(runId);
    expect(program).to.deep.include({ runId, jobs: ['a'], programData: {}, jobData: {} });
    expect(Math.abs(program!.createdAt!.getTime() - Date.now())).to.be.below(60_000);
    expect(await t.executor.getProgram('none')).to.equal(undefined);
  });

  it('TEM-19: takes any text of a payload as it is', async () => {
    const programData = { text: 'ä€😀\'"\\\n%?', deep: { list: [1, null, true, { x: 0.5 }] }, __proto: 'x' };
    const jobData = { 'b c': { '?': '??' } };
    const runId = await t.create({ jobs: ['b c', 'ü'], programData, jobData });
    expect(await t.executor.getProgram(runId)).to.deep.include({ jobs: ['b c', 'ü'], programData, jobData });
  });

  it('runs a program at runAt or after runAfter, not before', async () => {
    const startedAt: Record<string, number> = {};
    const now = Date.now();
    const after = await t.create({ jobs: ['a'] }, { runAfter: 300 });
    const at = await t.create({ jobs: ['a'] }, { runAt: new Date(now + 300) });
    const past = await t.create({ jobs: ['a'] }, { runAt: now - 1_000 });
    const later = await t.create({ jobs: ['a'] }, { runAfter: 3_600_000 });
    await t.work(job('a', ({ runId }) => void (startedAt[runId] = Date.now())));
    await Promise.all([after, at, past].map((runId) => t.ended(runId)));
    expect(startedAt[after]! - now).to.be.at.least(299);
    expect(startedAt[at]! - now).to.be.at.least(299);
    expect(startedAt).not.to.have.property(later);
  });

  it('WP-12: starts a program of a transaction after its commit, and none after its rollback', async () => {
    await t.work(job('a'));
    const trx = await t.knex.transaction();
    const runId = await t.create({ jobs: ['a'] }, { trx });
    expect(t.eventCount('jobStarted')).to.equal(0);
    await trx.commit();
    expect((await t.ended(runId)).finishedAt).to.be.a('date');
    const other = await t.knex.transaction();
    const lost = await t.create({ jobs: ['a'] }, { trx: other });
    await other.rollback();
    expect(await t.executor.getProgram(lost)).to.equal(undefined);
  });

  it('tells of a program without jobs when it is committed, and not at all after a rollback', async () => {
    const trx = await t.knex.transaction();
    const within = await trx.transaction();
    const runId = await t.create({ jobs: [] }, { trx: within });
    await within.commit();
    await trx.raw('select 1');
    expect(t.eventCount('programFinished')).to.equal(0);
    await trx.commit();
    expect(await t.event('programFinished', runId)).to.deep.equal({ runId, jobs: [] });
    const other = await t.knex.transaction();
    await t.create({ jobs: [] }, { trx: other });
    await other.rollback();
    const failing = t.knex.transaction(async (third) => {
      await t.create({ jobs: [] }, { trx: third });
      throw new Error('rolled back');
    });
    expect(await rejection(failing)).to.include({ message: 'rolled back' });
    await t.event('programFinished', await t.create({ jobs: [] }));
    expect(t.eventCount('programFinished')).to.equal(2);
  });

  it('tells of a program without jobs whose runId was given, but not of another one that has it', async () => {
    await t.create({ jobs: ['a'] }, { runId: 'other', runAfter: 3_600_000 });
    await t.create({ jobs: [] }, { runId: 'other' });
    expect(t.eventCount('programFinished')).to.equal(0);
    await t.create({ jobs: [] }, { runId: 'mine' });
    expect(await t.event('programFinished')).to.deep.equal({ runId: 'mine', jobs: [] });
  });

  it('creates a program at most once when the same runId is given twice, also at the same time', async () => {
    const runs: string[] = [];
    await t.work(job('a', ({ runId }) => void runs.push(runId)));
    const twice = [1, 2].map((n) => t.create({ jobs: ['a'], programData: { n } }, { runId: 'mine' }));
    expect(await Promise.all(twice)).to.deep.equal(['mine', 'mine']);
    await t.ended('mine');
    await t.create({ jobs: ['a'] }, { runId: 'mine' });
    expect(await t.rowCount()).to.equal(1);
    expect(runs).to.deep.equal(['mine']);
    expect((await t.row('mine')).fence).to.equal(1);
  });

  it('within a transaction waits for no other connection, also while somebody else wants one', async () => {
    await t.executor.migrate();
    const executor = t.createExecutor();
    let reading: Promise<unknown> | undefined;
    const runId = await t.knex.transaction((trx) => {
      reading = executor.getProgram('none');
      return executor.createProgram({ jobs: [] }, { trx });
    });
    expect(await reading).to.equal(undefined);
    expect(await t.rowCount()).to.equal(1);
    expect((await t.row(runId)).finished_at).to.not.equal(null);
  });

  it('EM-9: takes jobsData as another name of jobData', async () => {
    const runId = await t.create({ jobs: ['a'], jobsData: { a: { n: 1 } } });
    expect((await t.executor.getProgram(runId))!.jobData).to.deep.equal({ a: { n: 1 } });
  });
});

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

const REFUSED: [what: string, input: unknown, options: unknown, field: string][] = [
  ['no object', null, {}, 'program'],
  ['an unknown field', { jobs: [], job: 1 }, {}, 'job'],
  ['jobs that are no array', { jobs: 'a' }, {}, 'jobs'],
  ['an empty job name', { jobs: ['a', ''] }, {}, 'jobs[1]'],
  ['a job name of 256 characters', { jobs: ['x'.repeat(256)] }, {}, 'jobs[0]'],
  ['programData that is an array', { jobs: [], programData: [] }, {}, 'programData'],
  ['cyclic programData', { jobs: [], programData: cyclic }, {}, 'programData.self'],
  ['a bigint', { jobs: [], programData: { n: 1n } }, {}, 'programData.n'],
  ['jobData of a job that is a text', { jobs: [], jobData: { a: 'x' } }, {}, 'jobData.a'],
  ['NUL deep in the data', { jobs: [], programData: { a: ['x', '\u0000'] } }, {}, 'programData.a.1'],
  ['half a surrogate pair', { jobs: [], jobData: { a: { b: '\ud800' } } }, {}, 'jobData.a.b'],
  ['NUL in a key', { jobs: [], programData: { '\u0000': 1 } }, {}, 'programData (a key)'],
  ['an empty runId', { jobs: [] }, { runId: '' }, 'runId'],
  ['a runId with NUL', { jobs: [] }, { runId: 'a\u0000' }, 'runId'],
  ['a negative runAfter', { jobs: [] }, { runAfter: -1 }, 'runAfter'],
  ['an invalid Date', { jobs: [] }, { runAt: new Date('x') }, 'runAt'],
  ['runAt and runAfter', { jobs: [] }, { runAt: 1, runAfter: 1 }, 'runAfter'],
];

describeContract(
  'creating, refused',
  (t) => {
    it('names the field that is wrong, before anything is written', async () => {
      await t.create({ jobs: [] });
      for (const [what, input, options, field] of REFUSED) {
        const error = await rejection(t.create(input as ProgramInput, options as CreateOptions));
        expect(error, what).to.include({ code: 'PE_INVALID_PROGRAM', field });
        expect(error.message, what).to.contain(field);
      }
      const many = [{ jobs: ['a'] }, { jobs: 1 }] as unknown as ProgramInput[];
      expect((await rejection(t.executor.createPrograms(many))).field).to.equal('jobs');
      expect(await t.rowCount()).to.equal(1);
    });

    it('EM-9: refuses jobData and jobsData at once', async () => {
      const error = await rejection(t.create({ jobs: [], jobData: {}, jobsData: {} }));
      expect(error).to.include({ code: 'PE_INVALID_PROGRAM', field: 'jobsData' });
    });

    it('WP-49: refuses a field above 1 MiB, and keeps one just below', async () => {
      const error = await rejection(t.create({ jobs: [], programData: { x: 'ä'.repeat(600_000) } }));
      expect(error.code).to.equal('PE_PAYLOAD_TOO_LARGE');
      expect(error.message).to.match(/^programData: \d+ bytes/);
      const text = 'ä'.repeat(520_000);
      const runId = await t.create({ jobs: [], programData: { text } });
      expect((await t.executor.getProgram(runId))!.programData).to.deep.equal({ text });
    });

    it('EM-11: creates 10,000 programs in one call, with ids of their own', async () => {
      const programs = Array.from({ length: 10_000 }, (_, n) => ({ jobs: ['a'], programData: { n } }));
      const runIds = await t.executor.createPrograms(programs);
      expect(new Set(runIds).size).to.equal(10_000);
      expect(await t.rowCount()).to.equal(10_000);
      const last = await t.executor.getProgram(runIds[9_999]!);
      expect(last!.programData).to.deep.equal({ n: 9_999 });
    });

    it('creates the table for a first program, also within a transaction', async () => {
      const runId = await t.knex.transaction((trx) => t.create({ jobs: ['a'] }, { trx }));
      expect(await t.executor.getProgram(runId)).to.include({ runId, finishedAt: null });
    });

    it('TEM-15, WP-12: creates the programs of a transaction all or none', async () => {
      await t.executor.getProgram('none');
      const programs = Array.from({ length: 20 }, () => ({ jobs: ['a'] }));
      const failing = t.knex.transaction(async (trx) => {
        await t.executor.createPrograms(programs, { trx });
        throw new Error('rolled back');
      });
      expect((await rejection(failing)).message).to.equal('rolled back');
      expect(await t.rowCount()).to.equal(0);
      await t.knex.transaction((trx) => t.executor.createPrograms(programs, { trx }));
      expect(await t.rowCount()).to.equal(20);
    });
  },
  withoutBroker,
);
