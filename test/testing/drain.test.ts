import { join } from 'node:path';
import { expect } from 'chai';
import knexPackage from 'knex';
import { defineJob, ProgramExecutor, RetryableError, type Execute } from '../../index.js';
import { drain } from '../../testing.js';
import { aborted, gate } from '../contract/harness.js';
import { errorOf } from '../jobs/rejection.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

describe('drain', () => {
  let executor: ProgramExecutor;
  let databasePath: string;
  let ran: string[];

  beforeEach(async () => {
    databasePath = join(await tempFolder(), 'test.sqlite');
    executor = ProgramExecutor.create({ databasePath });
    ran = [];
  });

  afterEach(async () => {
    await executor.close();
    await removeTempFolders();
  });

  function job(name: string, execute: Execute = () => undefined) {
    return defineJob({
      name,
      execute: (message, data, context) => {
        ran.push(name);
        return execute(message, data, context);
      },
    });
  }

  const failing = () => {
    throw new Error('no');
  };
  const busy: Execute = (_message, _data, { attempt }) => {
    if (attempt < 3) throw new RetryableError('busy', 503, { retryAfterMs: 3_600_000 });
  };

  it('runs everything that is due, oldest first, one after the other, and counts the ends', async () => {
    await executor.createProgram({ jobs: ['a', 'b'] });
    await executor.createProgram({ jobs: ['bad', 'a'] });
    const counts = await drain(executor, { a: job('a'), b: job('b'), bad: job('bad', failing) });
    expect(counts).to.deep.equal({ finished: 1, errored: 1, waiting: 0 });
    expect(ran).to.deep.equal(['a', 'b', 'bad']);
  });

  it('has nothing to do on an empty table, and makes that where it is not there', async () => {
    expect(await drain(executor, {})).to.deep.equal({ finished: 0, errored: 0, waiting: 0 });
  });

  it('runs what its jobs create, too', async () => {
    const parent = job('parent', (_message, _data, context) => context.createProgram({ jobs: ['child'] }));
    await executor.createProgram({ jobs: ['parent'] });
    const counts = await drain(executor, { parent, child: job('child') });
    expect(counts).to.deep.equal({ finished: 2, errored: 0, waiting: 0 });
    expect(ran).to.deep.equal(['parent', 'child']);
  });

  it('leaves what is due later', async () => {
    await executor.createProgram({ jobs: ['a'] }, { runAfter: 3_600_000 });
    const runId = await executor.createProgram({ jobs: ['busy'] });
    const counts = await drain(executor, { a: job('a'), busy: job('busy', busy) });
    expect(counts).to.deep.equal({ finished: 0, errored: 0, waiting: 1 });
    expect(await executor.getProgram(runId)).to.deep.include({ stepRetryCount: 1, errorMessage: 'busy' });
  });

  it('runs that as well, in the order of its time, where asked to: nobody waits an hour', async () => {
    await executor.createProgram({ jobs: ['last'] }, { runAfter: 9_000_000 });
    await executor.createProgram({ jobs: ['busy'] });
    const library = { last: job('last'), busy: job('busy', busy) };
    const counts = await drain(executor, library, { withScheduled: true });
    expect(counts).to.deep.equal({ finished: 2, errored: 0, waiting: 0 });
    expect(ran).to.deep.equal(['busy', 'busy', 'busy', 'last']);
  });

  it('counts a program whose job nobody knows as waiting', async () => {
    await executor.createProgram({ jobs: ['unknown'] });
    expect(await drain(executor, {})).to.deep.equal({ finished: 0, errored: 0, waiting: 1 });
  });

  it('takes options as processPrograms does', async () => {
    await executor.createProgram({ jobs: ['unknown'] });
    const counts = await drain(executor, {}, { workerOptions: { unknownJob: 'fail' } });
    expect(counts).to.deep.equal({ finished: 0, errored: 1, waiting: 0 });
  });

  it('refuses a batch, as it runs all that is due', async () => {
    const options = { workerOptions: { batch: 'a', leaseMs: 5_000 } };
    const error = await drain(executor, {}, options).catch((thrown: unknown) => thrown);
    expect(String(error)).to.include(
      'options.workerOptions: expected an object of worker options, without batch',
    );
  });

  it('takes an executor that knows the types of its library', async () => {
    const library = { a: job('a') };
    const typed = ProgramExecutor.create<typeof library>({ databasePath });
    await typed.createProgram({ jobs: ['a'] });
    expect(await drain(typed, library)).to.include({ finished: 1 });
    await typed.close();
  });

  it('emits the events of the executor', async () => {
    const finished: string[] = [];
    executor.on('programFinished', ({ runId }) => finished.push(runId));
    const runId = await executor.createProgram({ jobs: ['a'] });
    await drain(executor, { a: job('a') });
    expect(finished).to.deep.equal([runId]);
  });

  it("waits for what the executor's own worker has under way, and needs no library then", async () => {
    const { opened, open } = gate();
    const entered = new Promise<void>((resolve) => {
      executor.once('jobStarted', () => resolve());
    });
    await executor.processPrograms({
      slow: job('slow', async (_message, _data, context) => {
        await opened;
        await context.createProgram({ jobs: ['child'] });
      }),
      child: job('child'),
    });
    const runId = await executor.createProgram({ jobs: ['slow'] });
    await entered;
    const draining = drain(executor);
    open();
    await draining;
    expect((await executor.getProgram(runId))?.finishedAt).to.be.instanceOf(Date);
    expect(ran).to.deep.equal(['slow', 'child']);
  });

  it('gives up at its deadline, and says which job it was at', async () => {
    const runId = await executor.createProgram({ jobs: ['hang'] });
    const hang = job('hang', (_message, _data, { signal }) => aborted(signal));
    const error = await errorOf(() => drain(executor, { hang }, { timeoutMs: 50 }));
    expect(error).to.have.property('code', 'PE_DRAIN_TIMEOUT');
    expect(error.message).to.include(`The last to run was job hang of program ${runId}`);
  });

  it('gives up on a job that is retried for ever', async () => {
    await executor.createProgram({ jobs: ['never'] });
    const never = job('never', () => {
      throw new RetryableError('no');
    });
    const error = await errorOf(() => drain(executor, { never }, { withScheduled: true, timeoutMs: 50 }));
    expect(error).to.have.property('code', 'PE_DRAIN_TIMEOUT');
    expect(ran.length).to.be.greaterThan(1);
  });

  const misuses: [what: string, args: unknown[], message: RegExp][] = [
    ['no executor', [{}, {}], /executor: expected an executor that ProgramExecutor\.create made/],
    ['nothing at all', [undefined], /executor: expected an executor/],
    ['an unknown option', [undefined, {}, { scheduled: true }], /options\.scheduled: unknown setting/],
    ['options that are null', [undefined, {}, null], /options: expected an object/],
    ['options that are an array', [undefined, {}, []], /options: expected an object/],
    ['a wrong option', [undefined, {}, { timeoutMs: '1' }], /options\.timeoutMs: expected a whole number/],
  ];
  for (const [what, args, message] of misuses)
    it(`rejects ${what}, naming it`, async () => {
      const error = await errorOf(() => (drain as any)(...args));
      expect(error.message).to.match(message);
    });

  it('refuses an executor that is closed, whoever has its database', async () => {
    const knex = knexPackage({
      client: 'better-sqlite3',
      useNullAsDefault: true,
      connection: { filename: databasePath },
    });
    const mine = ProgramExecutor.create({ knex });
    const runId = await mine.createProgram({ jobs: ['a'] });
    await mine.close();
    expect(await errorOf(() => drain(mine, { a: job('a') }))).to.include({
      code: 'PE_CLOSED',
      message: 'drain: the executor is closed',
    });
    expect(ran).to.deep.equal([]);
    const next = ProgramExecutor.create({ knex });
    expect(await next.status(runId)).to.include({ state: 'waiting' });
    await next.close();
    await knex.destroy();
  });

  it('asks for a library where the executor has no worker to take it from', async () => {
    const error = await errorOf(() => drain(executor));
    expect(error.message).to.match(/jobLibrary: expected an object of jobs/);
  });

  it('refuses a library that a worker would refuse', async () => {
    const error = await errorOf(() => drain(executor, { wrong: 5 } as any));
    expect(error).to.have.property('code', 'PE_INVALID_JOB');
  });
});
