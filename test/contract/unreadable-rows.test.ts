import { expect } from 'chai';
import { describeContract, job, rejection } from './harness.js';

/** What somebody may have made of a row by hand, and how its program ends. */
const EDITED: readonly (readonly [string, Record<string, string>, string])[] = [
  ['jobs that are an object', { jobs: '{"0":"a"}' }, 'jobs is not a list of texts'],
  ['jobs that are null', { jobs: 'null' }, 'jobs is not a list of texts'],
  ['jobs that are a number', { jobs: '5' }, 'jobs is not a list of texts'],
  ['a job that is none', { jobs: '["a",5]' }, 'jobs is not a list of texts'],
  ['program data that is a number', { program_data: '5' }, 'program_data is not an object'],
  ['job data that is an array', { job_data: '[1]' }, 'job_data is not an object'],
  [
    'several of them',
    { jobs: 'true', job_data: '5' },
    'jobs is not a list of texts; job_data is not an object',
  ],
];

describeContract('rows that cannot be read', (t) => {
  for (const [what, columns, fault] of EDITED)
    for (const pool of [undefined, 'mail'])
      it(`a program with ${what}${pool ? ', of a pool,' : ''} fails, says why, and takes no other one with it`, async () => {
        const program = { jobs: ['a'], ...(pool ? { pool } : {}) };
        const [bad, good] = await t.executor.createPrograms([program, program]);
        await t.change(bad!, columns);
        await t.work(job('a'));
        expect((await t.ended(good!)).finishedAt).to.be.a('date');
        expect((await t.ended(bad!)).errorMessage).to.equal(
          `Its row cannot be read, correct it and resume: ${fault}`,
        );
        expect((await t.event('programError', bad)).error).to.include({ code: 'PE_UNREADABLE_ROW' });
        expect(await t.executor.why(bad!)).to.include({ code: 'errored' });
      });

  it('a program whose row is corrected goes on where it stood', async () => {
    const runId = await t.create({ jobs: ['a', 'b'] });
    await t.change(runId, { jobs: '{}', step: 1 });
    await t.work({ ...job('a'), ...job('b') });
    expect((await t.ended(runId)).erroredAt).to.be.a('date');
    await t.change(runId, { jobs: '["a","b"]' });
    await t.executor.resumeProgram(runId);
    await t.event('programFinished', runId);
    expect(await t.outcomes(runId)).to.deep.equal([' failed', 'b succeeded']);
  });

  it('where the jobs cannot be read, no job is skipped or retried, as they are not known', async () => {
    const runId = await t.create({ jobs: ['a', 'b'] }, { runAfter: 3_600_000 });
    await t.change(runId, { jobs: '{}' });
    for (const call of [
      () => t.executor.skipStep(runId),
      () => t.executor.retry(runId),
      () => t.executor.editJobData(runId, 'a', {}),
    ])
      expect(await rejection(call()))
        .to.include({ code: 'PE_PROGRAM_STATE' })
        .and.have.property(
          'message',
          `Program ${runId} is waiting: its row cannot be read, correct it first: jobs is not a list of texts`,
        );
    expect(await t.row(runId)).to.include({ fence: 1, finished_at: null, errored_at: null });
  });

  it('data that is null is no data', async () => {
    const runId = await t.create({ jobs: ['a'] });
    await t.change(runId, { program_data: 'null', job_data: 'null' });
    await t.work(job('a'));
    expect(await t.ended(runId)).to.deep.include({ programData: {}, jobData: {}, erroredAt: null });
  });

  it('text that is no JSON, where the database takes it, fails its program alone', async () => {
    const [bad, good] = await t.executor.createPrograms([{ jobs: ['a'] }, { jobs: ['a'] }]);
    const isTaken = await t.change(bad!, { job_data: '{"a": {"card": "new"}' }).then(
      () => true,
      () => false,
    );
    if (!isTaken) return;
    await t.work(job('a'));
    expect((await t.ended(good!)).finishedAt).to.be.a('date');
    expect((await t.ended(bad!)).errorMessage).to.match(
      /^Its row cannot be read, correct it and resume: job_data is not JSON: /,
    );
  });
});
