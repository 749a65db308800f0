import { expect } from 'chai';
import { z } from 'zod';
import { defineJob, type JobLibrary } from '../../index.js';
import { describeContract, gate, job, rejection } from './harness.js';

describeContract('running', (t) => {
  /** Jobs that note each execution. */
  function noting(...names: string[]): { notes: string[]; library: JobLibrary } {
    const notes: string[] = [];
    const jobs = names.map((name) =>
      job(name, ({ programData }) => void notes.push(`${programData.p ?? ''}${name}`)),
    );
    return { notes, library: Object.assign({}, ...jobs) as JobLibrary };
  }

  it('EM-15, EM-17, EM-20, EM-23: runs jobs in order and ends finished, at the last step', async () => {
    const { notes, library } = noting('a', 'b', 'c');
    await t.work(library);
    const program = await t.run({ jobs: ['a', 'b', 'c'] });
    expect(notes).to.deep.equal(['a', 'b', 'c']);
    expect(program).to.include({ step: 2, stepRetryCount: 0, errorMessage: null, erroredAt: null });
    expect(program.finishedAt).to.be.a('date');
    expect(program.updatedAt!.getTime()).to.be.at.least(program.createdAt!.getTime());
    expect(await t.outcomes(program.runId)).to.deep.equal(['a succeeded', 'b succeeded', 'c succeeded']);
  });

  it('EM-13: finishes a program without jobs at once, without a worker', async () => {
    const runId = await t.create({ jobs: [] });
    const program = await t.ended(runId);
    expect(program).to.include({ step: 0, erroredAt: null, errorMessage: null });
    expect(program.programData).to.deep.equal({});
    await t.event('programFinished', runId);
  });

  it('EM-24: runs programs concurrently, up to the concurrency', async () => {
    const bothRun = gate();
    let running = 0;
    await t.work(
      job('meet', async () => {
        running += 1;
        if (running === 2) bothRun.open();
        await bothRun.opened;
      }),
      { concurrency: 2 },
    );
    const runIds = await t.executor.createPrograms([{ jobs: ['meet'] }, { jobs: ['meet'] }]);
    await Promise.all(runIds.map((runId) => t.ended(runId)));
  });

  // From 50 on, more programs than that are under way.
  for (const { concurrency, programs } of [
    { concurrency: 1, programs: 8 },
    { concurrency: 50, programs: 150 },
  ])
    it(`EM-22: a worker with a concurrency of ${concurrency} never runs more jobs at once`, async () => {
      const allRun = gate();
      let running = 0;
      let most = 0;
      await t.work(
        job('a', async () => {
          most = Math.max(most, ++running);
          if (running === concurrency) allRun.open();
          await allRun.opened;
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
        }),
        { concurrency },
      );
      await t.executor.createPrograms(Array.from({ length: programs }, () => ({ jobs: ['a', 'a'] })));
      await t.event('programFinished', undefined, programs);
      expect(most).to.equal(concurrency);
    });

  it('EM-23: with a time slice of 0, two programs take turns after each job', async () => {
    const { notes, library } = noting('a', 'b', 'c');
    const jobs = ['a', 'b', 'c'];
    await t.executor.createPrograms([
      { jobs, programData: { p: 1 } },
      { jobs, programData: { p: 2 } },
    ]);
    await t.work(library, { concurrency: 1, timeSliceMs: 0 });
    await t.event('programFinished', undefined, 2);
    const of = (p: string): string[] => notes.filter((note) => note.startsWith(p));
    expect(of('1')).to.deep.equal(['1a', '1b', '1c']);
    expect(of('2')).to.deep.equal(['2a', '2b', '2c']);
    expect(notes.map(([p]) => p).join('')).to.match(/^(?!111|222)/);
  });

  it('EM-26, EM-28: awaits the static create of a class, sync or async, with the program data', async () => {
    const created: unknown[] = [];
    class Sync {
      static create(programData: object) {
        created.push(programData);
        return new Sync();
      }
      execute() {
        return 'sync';
      }
    }
    class Async {
      static async create(programData: object) {
        await Promise.resolve();
        created.push(programData);
        return new Async();
      }
      async execute() {
        return 'async';
      }
    }
    await t.work({ [Sync.name]: Sync, byHand: Async });
    const program = await t.run({ jobs: ['Sync', 'byHand'], programData: { n: 1 } });
    expect(program.finishedAt).to.be.a('date');
    expect(created).to.deep.equal([{ n: 1 }, { n: 1 }]);
  });

  it('EM-27, TEM-22: gives each job its message and context', async () => {
    const seen: any[] = [];
    const note = (message: object, _data: unknown, context: object) => {
      seen.push({ message, context });
      return seen.length;
    };
    await t.work({ ...job('a', note), ...job('b', note) });
    const { runId } = await t.run({ jobs: ['a', 'b', 'a'], programData: { n: 1 } });
    expect(seen.map(({ message }) => message)).to.deep.equal([
      { runId, programData: { n: 1 }, jobs: ['a', 'b', 'a'] },
      { runId, programData: { n: 1 }, jobs: ['b', 'a'] },
      { runId, programData: { n: 1 }, jobs: ['a'] },
    ]);
    expect(seen.map(({ context }) => context.results)).to.deep.equal([{}, { a: 1 }, { a: 1, b: 2 }]);
    expect(seen[1].context).to.include({ attempt: 1, step: 1, fence: 1, idempotencyKey: `${runId}:1` });
    expect(seen[1].context.signal).to.be.instanceOf(AbortSignal);
  });

  it('EM-27: a job that changes its program data changes nothing for later jobs', async () => {
    let seen: unknown;
    const spoil = job('spoil', ({ programData }) => void (programData.n = 2));
    await t.work({ ...spoil, ...job('look', ({ programData }) => void (seen = programData)) });
    await t.run({ jobs: ['spoil', 'look'], programData: { n: 1 } });
    expect(seen).to.deep.equal({ n: 1 });
  });

  it('EM-30, TEM-23: hands results to later jobs, also to those of another run', async () => {
    let seen: unknown;
    const look = job('look', (_message, _data, { results }) => void (seen = results));
    await t.work({ ...job('a', () => ({ deep: ['x'] })), ...job('b'), ...look }, { timeSliceMs: 0 });
    await t.run({ jobs: ['a', 'b', 'look'] });
    expect(seen).to.deep.equal({ a: { deep: ['x'] } });
  });

  it('drops a result that cannot be kept, with a warning; the job has succeeded', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    let seen: unknown;
    const look = job('look', (_message, _data, { results }) => void (seen = results));
    await t.work({ ...job('cyclic', () => cyclic), ...job('large', () => 'x'.repeat(300_000)), ...look });
    const program = await t.run({ jobs: ['cyclic', 'large', 'look'] });
    expect(program.finishedAt).to.be.a('date');
    expect(seen).to.deep.equal({});
    expect(t.log.count('result-dropped')).to.equal(2);
  });

  it('validates the input of a job made with defineJob', async () => {
    const input = z.object({ to: z.string(), copies: z.number().default(1) });
    const seen: unknown[] = [];
    const print = defineJob({
      name: 'print',
      input,
      execute: (_m, _d, context) => void seen.push(context.input),
    });
    await t.work({ print });
    await t.run({ jobs: ['print'], jobData: { print: { to: 'x' } } });
    expect(seen).to.deep.equal([{ to: 'x', copies: 1 }]);
    const refused = await t.run({ jobs: ['print'], jobData: { print: { to: 7 } } });
    expect(refused.errorMessage).to.contain('to');
    expect(refused.erroredAt).to.be.a('date');
    expect(seen).to.have.length(1);
  });

  it('runs the same job twice in a program, both with the same data', async () => {
    const seen: unknown[] = [];
    await t.work(
      job('a', async (_message, data) => {
        seen.push(await data.get());
        await data.merge({ n: seen.length });
      }),
    );
    await t.run({ jobs: ['a', 'a'], jobData: { a: { n: 0 } } });
    expect(seen).to.deep.equal([{ n: 0 }, { n: 1 }]);
  });

  it('EM-29: a job may create another program', async () => {
    let childId = '';
    const parent = job('parent', async (_message, _data, context) => {
      childId = await context.createProgram({ jobs: ['child'] });
    });
    await t.work({ ...parent, ...job('child') });
    const ended = await t.run({ jobs: ['parent'] });
    expect(ended.finishedAt).to.be.a('date');
    expect((await t.ended(childId)).finishedAt).to.be.a('date');
  });

  it('what a job does to the results of others is not seen by the jobs after it', async () => {
    let seen: unknown;
    await t.work({
      ...job('first', () => ({ items: [1, 2] })),
      ...job('greedy', (_message, _jobData, { results }) => {
        const others = results as Record<string, { items: number[] }>;
        others['first']!.items.length = 0;
        delete others['first'];
      }),
      ...job('last', (_message, _jobData, { results }) => void (seen = results)),
    });
    await t.run({ jobs: ['first', 'greedy', 'last'] });
    expect(seen).to.deep.equal({ first: { items: [1, 2] } });
  });

  it('context.transaction commits the writes of the job together with its step', async () => {
    const other = t.newTable();
    await t.knex.schema.createTable(other, (table) => void table.integer('n'));
    const write = job('write', (_message, _data, context) =>
      context.transaction(async (trx) => {
        await trx(other).insert({ n: 1 });
        return 'written';
      }),
    );
    let seen: unknown;
    await t.work({ ...write, ...job('look', (_m, _d, { results }) => void (seen = results)) });
    const program = await t.run({ jobs: ['write', 'look'] });
    expect(program.finishedAt).to.be.a('date');
    expect(seen).to.deep.equal({ write: 'written' });
    expect(await t.rowCount(other)).to.equal(1);
    expect(await t.outcomes(program.runId)).to.deep.equal(['write succeeded', 'look succeeded']);
  });

  it('context.transaction rolls back both when its work fails', async () => {
    const other = t.newTable();
    await t.knex.schema.createTable(other, (table) => void table.integer('n'));
    await t.work(
      job('write', (_message, _data, context) =>
        context.transaction(async (trx) => {
          await trx(other).insert({ n: 1 });
          throw new Error('no');
        }),
      ),
    );
    const program = await t.run({ jobs: ['write', 'write'] });
    expect(program).to.include({ step: 0, errorMessage: 'no', finishedAt: null });
    expect(await t.rowCount(other)).to.equal(0);
  });

  it('context.transaction rolls back the writes of a job whose program was cancelled meanwhile', async () => {
    const other = t.newTable();
    await t.knex.schema.createTable(other, (table) => void table.integer('n'));
    let error: any;
    const write = job('write', async ({ runId }, _data, context) => {
      await t.executor.cancelProgram(runId);
      error = await rejection(context.transaction((trx) => Promise.resolve(trx(other).insert({ n: 1 }))));
    });
    await t.work(write);
    const runId = await t.create({ jobs: ['write'] });
    await t.event('leaseLost', runId);
    expect(error.code).to.equal('PE_LEASE_LOST');
    expect(await t.rowCount(other)).to.equal(0);
  });
});
