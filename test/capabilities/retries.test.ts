import { expect } from 'chai';
import {
  ExecutionTimeExceededError,
  NonRetryableError,
  RetryableError,
  retryPresets,
  type JobLibrary,
  type RetryPolicy,
  type RetrySetting,
  type WorkerOptions,
} from '../../index.js';
import { drain } from '../../testing.js';
import { aborted, describeContract, job, type Fixture, type RawRow } from '../contract/harness.js';

const fail = (): never => {
  throw new Error('no');
};
const failing = (retry?: RetrySetting): JobLibrary => job('a', fail, retry === undefined ? {} : { retry });

/** Runs what is due, without a worker. */
const runDue = (t: Fixture, library: JobLibrary, workerOptions: WorkerOptions = {}) =>
  drain(t.executor, library, { workerOptions });

/** The wait that the database keeps for a program, from the end of its last attempt, in milliseconds. */
async function recordedDelay(t: Fixture, runId: string): Promise<number> {
  const last = (await t.attempts(runId)).at(-1)!;
  return (await t.row(runId))['due_at'] - Number(last['finished_at']);
}

/** Some databases take the time of the attempt's end one statement after that of the next start. */
const STATEMENT_MS = 500;

function decidedDelays(t: Fixture): number[] {
  const retried = t.events.items.filter(({ name }) => name === 'jobRetried');
  return retried.map(({ data }) => Number(data.delayMs));
}

/** The first delays of a program that fails each time, none of which is waited out. */
async function delaysOf(t: Fixture, library: JobLibrary, count: number): Promise<number[]> {
  const runId = await t.create({ jobs: ['a'] });
  while (decidedDelays(t).length < count) {
    await t.change(runId, { due_at: 1 });
    await runDue(t, library);
    const delayMs = decidedDelays(t).at(-1)!;
    expect(await recordedDelay(t, runId)).to.be.within(delayMs - STATEMENT_MS, delayMs + 1);
  }
  return decidedDelays(t).slice(0, count);
}

/** How many attempts a program makes that fails each time. */
async function attemptsOf(t: Fixture, library: JobLibrary, workerOptions?: WorkerOptions): Promise<number> {
  const runId = await t.create({ jobs: ['a'] });
  await drain(t.executor, library, { withScheduled: true, workerOptions: workerOptions ?? {} });
  expect((await t.executor.getProgram(runId))!.erroredAt).to.be.a('date');
  return (await t.attempts(runId)).length;
}

describeContract('retries of tem', (t) => {
  it('TEM-18, TEM-26, TEM-27, TEM-30: three attempts at once, each with the error of the one before', async () => {
    const rows: RawRow[] = [];
    const throwText = async ({ runId }: { runId: string }): Promise<never> => {
      rows.push(await t.row(runId));
      throw `text ${rows.length}`;
    };
    await t.work(job('a', throwText, { retry: 'tem' }));
    const program = await t.run({ jobs: ['a', 'a'] });
    const seen = rows.map((row) => [row['step_retry_count'], row['error_message'], row['errored_at']]);
    expect(seen).to.deep.equal([
      [0, null, null],
      [1, 'text 1', null],
      [2, 'text 2', null],
    ]);
    expect(program).to.include({ step: 0, stepRetryCount: 2, errorMessage: 'text 3', finishedAt: null });
    expect(program.erroredAt).to.be.a('date');
    expect(await t.outcomes(program.runId)).to.deep.equal(['a retried', 'a retried', 'a failed']);
    for (const { created_at } of rows) expect(created_at).to.deep.equal(rows[0]!['created_at']);
    for (const count of [1, 2])
      expect(await t.event('jobRetried', program.runId, count)).to.include({ delayMs: 0 });
  });

  it('TEM-26, TEM-27: a success in between ends the retries', async () => {
    await t.work(job('a', (_m, _d, { attempt }) => (attempt === 2 ? 'done' : fail()), { retry: 'tem' }));
    const program = await t.run({ jobs: ['a'] });
    expect(program).to.include({ erroredAt: null, errorMessage: 'no' });
    expect(await t.outcomes(program.runId)).to.deep.equal(['a retried', 'a succeeded']);
  });

  it('TEM-18: attempts are limited by maxAttempts and by maxAttempt alike', async () => {
    expect(await attemptsOf(t, failing({ maxAttempts: 4, on: 'any' }))).to.equal(4);
    expect(await attemptsOf(t, failing({ maxAttempt: 4, on: 'any' }))).to.equal(4);
  });

  it('TEM-28, WP-48: a NonRetryableError ends it at once, also one that another error was caused by', async () => {
    const never = new NonRetryableError('never');
    for (const error of [never, new Error('outer', { cause: new Error('middle', { cause: never }) })]) {
      const library = job('a', () => Promise.reject(error), { retry: 'tem' });
      expect(await attemptsOf(t, library), error.message).to.equal(1);
    }
  });

  it('TEM-30, WP-21: the text of what was thrown can be read between two attempts', async () => {
    const thrown = [new TypeError('of an error'), 'a text', 42, { message: 'of an object' }];
    const library = job('a', ({ programData }) => Promise.reject(thrown[programData.n]), {
      retry: { on: 'any' },
    });
    const runIds = await t.executor.createPrograms(
      thrown.map((_, n) => ({ jobs: ['a'], programData: { n } })),
    );
    await runDue(t, library);
    const rows = await Promise.all(runIds.map((runId) => t.row(runId)));
    const texts = ['of an error', 'a text', '42', 'of an object'];
    expect(rows.map((row) => row['error_message'])).to.deep.equal(texts);
    for (const row of rows) expect(row).to.include({ step_retry_count: 1, errored_at: null });
  });
});

describeContract('retries of workpool', (t) => {
  it('WP-4, WP-20: five attempts, 250, 500, 1,000 and 2,000 ms apart, each ± 50 %', async () => {
    const delays = await delaysOf(t, failing('workpool'), 4);
    for (const [index, meanMs] of [250, 500, 1_000, 2_000].entries())
      expect(delays[index]).to.be.within(meanMs * 0.5, meanMs * 1.5);
    await drain(t.executor, failing('workpool'), { withScheduled: true });
    const { runId } = t.events.items[0]!;
    expect(await t.outcomes(runId)).to.deep.equal([...Array<string>(4).fill('a retried'), 'a failed']);
  });

  it('WP-19: delays are spread from half to one and a half times', async () => {
    await t.executor.createPrograms(Array.from({ length: 40 }, () => ({ jobs: ['a'] })));
    await runDue(t, failing({ ...retryPresets.workpool, initialBackoffMs: 100_000 }));
    const delays = decidedDelays(t);
    expect(delays).to.have.length(40);
    for (const delayMs of delays) expect(delayMs).to.be.within(50_000, 150_000);
    // That all of them are on one side has a chance of 2 to the -39.
    expect(Math.min(...delays)).to.be.below(100_000);
    expect(Math.max(...delays)).to.be.above(100_000);
  });

  it('WP-5: a job that fails has one attempt where nothing is said about retries', async () => {
    expect(await attemptsOf(t, failing())).to.equal(1);
  });

  it('WP-18: two attempts are one retry, one is none', async () => {
    expect(await attemptsOf(t, failing({ ...retryPresets.workpool, maxAttempts: 2 }))).to.equal(2);
    expect(await attemptsOf(t, failing({ ...retryPresets.workpool, maxAttempts: 1 }))).to.equal(1);
  });

  it("WP-6: a job's retry is true, false, a policy or nothing", async () => {
    const worker: WorkerOptions = { retry: { maxAttempts: 3, on: 'any' } };
    expect(await attemptsOf(t, failing(true), worker)).to.equal(3);
    expect(await attemptsOf(t, failing(false), worker)).to.equal(1);
    expect(await attemptsOf(t, failing({ maxAttempts: 2, on: 'any' }), worker)).to.equal(2);
    expect(await attemptsOf(t, failing(), worker)).to.equal(3);
  });

  it('WP-4, WP-6: true is the workpool policy where no other is given', async () => {
    expect(await attemptsOf(t, failing(true))).to.equal(5);
    expect(await attemptsOf(t, failing(true), { retry: false })).to.equal(5);
  });
});

describeContract('retry policies', (t) => {
  it('the executor has one for all its workers, a worker one of its own, and a job one before both', async () => {
    const three: RetryPolicy = { maxAttempts: 3, strategy: 'none', on: 'any' };
    const executor = t.createExecutor({ retry: three });
    const run = async (name: string) => t.ended(await executor.createProgram({ jobs: [name] }));
    const runs = { plain: 0, own: 0 };
    const plain = job('plain', () => (runs.plain++, fail()));
    const own = job('own', () => (runs.own++, fail()), { retry: { ...three, maxAttempts: 4 } });
    const worker = await t.work({ ...plain, ...own }, {}, executor);
    await run('plain');
    await run('own');
    expect(runs).to.deep.equal({ plain: 3, own: 4 });
    await worker.stop();
    await t.work({ ...plain, ...own }, { retry: { ...three, maxAttempts: 2 } }, executor);
    await run('plain');
    await run('own');
    expect(runs).to.deep.equal({ plain: 5, own: 8 });
  });

  it("a job's policy is taken as a whole, so what it leaves out is not the worker's", async () => {
    expect(await attemptsOf(t, failing({ maxAttempts: 5 }), { retry: 'tem' })).to.equal(1);
  });

  it('false allows one attempt also to a retryable error and a timeout, but does not forbid to yield', async () => {
    const asks = job('a', () => Promise.reject(new RetryableError('again', 503, { retryAfterMs: 1 })));
    expect(await attemptsOf(t, asks, { retry: false })).to.equal(1);
    const slow = job('a', (_m, _d, { signal }) => aborted(signal), { timeoutMs: 20, retry: false });
    expect(await attemptsOf(t, slow)).to.equal(1);
    let runs = 0;
    const yields = () => {
      runs += 1;
      if (runs < 3) throw new ExecutionTimeExceededError(1);
    };
    const runId = await t.create({ jobs: ['a'] });
    expect(await runDue(t, job('a', yields, { retry: false }))).to.include({ finished: 1 });
    expect(await t.outcomes(runId)).to.deep.equal(['a yielded', 'a yielded', 'a succeeded']);
  });

  it('EM-41: the emartech policy repeats each second, and only what is retryable', async () => {
    const again = job('a', () => Promise.reject(new RetryableError('again')), { retry: 'emartech' });
    expect(await delaysOf(t, again, 4)).to.deep.equal([1_000, 1_000, 1_000, 1_000]);
    await t.executor.cancelProgram(t.events.items[0]!.runId);
    expect(await attemptsOf(t, failing('emartech'))).to.equal(1);
  });

  const strategies: [RetryPolicy['strategy'], number[]][] = [
    ['exponential', [100_000, 300_000, 900_000]],
    ['fixed', [100_000, 100_000, 100_000]],
    ['quadratic', [100_000, 400_000, 900_000]],
  ];
  for (const [strategy, expected] of strategies)
    it(`the strategy '${strategy}' waits ${expected.join(', ')} ms`, async () => {
      const retry = { initialBackoffMs: 100_000, base: 3, maxBackoffMs: 1_000_000, jitter: 0 };
      const library = failing({ ...retry, strategy: strategy!, on: 'any', maxAttempts: 4 });
      expect(await delaysOf(t, library, 3)).to.deep.equal(expected);
    });
});
