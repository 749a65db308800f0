import { expect } from 'chai';
import { RetryableError, type ProgramInput } from '../../index.js';
import { describeContract, job, rejection } from '../contract/harness.js';
import { allEnded, Occupancy } from './occupancy.js';

const cyclic: Record<string, unknown> = {};
cyclic['self'] = cyclic;

describeContract('creating programs', (t) => {
  it('TEM-14, TEM-16: a program waits with its job, its data and its attempts, and is read by its id', async () => {
    const program = { jobs: ['a'], jobData: { a: { page: 7 } } };
    const runId = await t.create({ ...program, retry: { maxAttempts: 2, strategy: 'none', on: 'any' } });
    expect(await t.executor.getProgram(runId)).to.deep.include({
      ...program,
      runId,
      step: 0,
      finishedAt: null,
    });
    expect(await t.executor.status(runId)).to.include({ state: 'waiting', job: 'a', previousAttempts: 0 });
    expect(await t.executor.getProgram(`${runId}0`)).to.equal(undefined);
    await t.work(job('a', () => Promise.reject(new Error('no'))));
    await t.ended(runId);
    expect(await t.outcomes(runId)).to.deep.equal(['a retried', 'a failed']);
  });

  it('TEM-14, TEM-20: programs of one job are created in a batch by what differs, and others in none', async () => {
    const { batches } = t.executor;
    const batch = await batches.create({ code: 'pages' });
    expect(await batches.addJobs(batch, 'a', [{ page: 1 }, { page: 2 }])).to.equal(2);
    const pages: unknown[] = [];
    await t.work(job('a', async (_message, data) => void pages.push((await data.get())['page'])));
    await batches.waitFor(batch, { intervalMs: 20 });
    expect(pages).to.have.members([1, 2]);
    await t.run({ jobs: ['a'] });
    expect(await batches.stats(batch)).to.include({ total: 2, finished: 2 });
    expect(await t.rowCount()).to.equal(3);
  });

  it('TEM-15: many are created in one call, with ids in order; none where one of them is wrong', async () => {
    const programs = Array.from({ length: 150 }, (_, n) => ({ jobs: ['a'], programData: { n } }));
    const runIds = await t.executor.createPrograms(programs);
    const read = await Promise.all(runIds.map((runId) => t.executor.getProgram(runId)));
    expect(read.map((program) => program!.programData)).to.deep.equal(
      programs.map((each) => each.programData),
    );
    const last = { jobs: ['a'], programData: cyclic } as unknown as ProgramInput;
    const wrong = await rejection(t.executor.createPrograms([...programs, last]));
    expect(wrong).to.include({ code: 'PE_INVALID_PROGRAM', field: 'programData.self' });
    expect(await t.executor.createPrograms([])).to.deep.equal([]);
    expect(await t.rowCount()).to.equal(150);
  });

  it('WP-8: gives an id at once, and starts the job with its arguments as soon as there is room', async () => {
    const occupancy = new Occupancy().hold('first');
    await t.executor.pools.set('mail', { maxParallelism: 1 });
    await t.work(occupancy.job('a'));
    const enqueue = (name: string) => t.create({ jobs: ['a'], pool: 'mail', programData: { name } });
    const first = await enqueue('first');
    await occupancy.started.first(1);
    const second = await enqueue('second');
    expect(second).to.be.a('string').and.not.equal(first);
    expect(await t.executor.status(second)).to.include({ state: 'waiting' });
    occupancy.letGo('first');
    await allEnded(t, [first, second]);
    expect(occupancy.started.items).to.deep.equal(['first', 'second']);
  });

  it('WP-9: what is created as not to be retried has one attempt, whatever its job and its worker say', async () => {
    const asks = () => Promise.reject(new RetryableError('again', undefined, { retryAfterMs: 1 }));
    await t.work(job('a', asks, { retry: 'tem' }), { retry: 'workpool' });
    const program = await t.run({ jobs: ['a'], retry: false });
    expect(program).to.include({ errorMessage: 'again', finishedAt: null });
    expect(await t.outcomes(program.runId)).to.deep.equal(['a failed']);
  });

  it('WP-49, decided otherwise: data and contexts of callbacks of 1 MiB are refused by name, smaller ones kept whole', async () => {
    const text = (length: number) => ({ text: 'x'.repeat(length) });
    const MIB = 1024 * 1024;
    const withContext = (context: object) => ({ jobs: ['a'], onComplete: { job: 'note', context } });
    for (const [field, program] of [
      ['programData', { jobs: ['a'], programData: text(MIB) }],
      ['jobData', { jobs: ['a'], jobData: { a: text(MIB) } }],
      ['onComplete', withContext(text(MIB))],
    ] as const) {
      const error = await rejection(t.create(program));
      expect(error, field).to.include({ code: 'PE_PAYLOAD_TOO_LARGE' });
      expect(error.message).to.match(new RegExp(`^${field}.*: \\d{7} bytes`));
      expect(error.message.startsWith(`${error.field}: `), error.field).to.equal(true);
    }
    let context: unknown;
    const note = job('note', ({ programData }) => void (context = programData['context']));
    await t.work({ ...job('a'), ...note });
    await t.create(withContext(text(MIB - 2_000)));
    await t.event('programFinished', undefined, 2);
    expect(context).to.deep.equal(text(MIB - 2_000));
  });
});
