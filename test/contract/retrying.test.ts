import { expect } from 'chai';
import {
  ExecutionTimeExceededError,
  IgnorableError,
  NonRetryableError,
  RetryableError,
  type RetryPolicy,
} from '../../index.js';
import { describeContract, gate, job, withoutBroker } from './harness.js';

const again = (message = 'again', retryAfterMs = 10): RetryableError =>
  new RetryableError(message, 503, { retryAfterMs });

describeContract('retrying', (t) => {
  it('EM-16, EM-18, EM-41, EM-42: repeats only the failed job, and counts 1, 2, then 0', async () => {
    const rows: any[] = [];
    const runs: string[] = [];
    const failTwice = job('b', async ({ runId }, _data, { attempt }) => {
      runs.push(`b${attempt}`);
      rows.push(await t.row(runId));
      if (attempt < 3) throw again();
    });
    await t.work({ ...job('a', () => void runs.push('a')), ...failTwice });
    const program = await t.run({ jobs: ['a', 'b'] });
    expect(runs).to.deep.equal(['a', 'b1', 'b2', 'b3']);
    expect(rows.map((row) => row.step_retry_count)).to.deep.equal([0, 1, 2]);
    expect(rows.map((row) => row.error_message)).to.deep.equal([null, 'again', 'again']);
    expect(rows.map((row) => row.errored_at)).to.deep.equal([null, null, null]);
    expect(program).to.include({ step: 1, stepRetryCount: 0, errorMessage: 'again', erroredAt: null });
    expect(t.log.count('Consumer error retry')).to.equal(2);
    expect(t.log.count('Consumer error finish')).to.equal(0);
  });

  it('EM-41: other programs run while one waits for its retry, even with a concurrency of 1', async () => {
    await t.work(
      { ...job('wait', () => Promise.reject(again('later', 3_600_000))), ...job('a') },
      { concurrency: 1 },
    );
    const waiting = await t.create({ jobs: ['wait'] });
    const { delayMs } = await t.event('jobRetried', waiting);
    expect(delayMs).to.equal(3_600_000);
    expect((await t.run({ jobs: ['a'] })).finishedAt).to.be.a('date');
    expect(await t.row(waiting)).to.include({ step_retry_count: 1, claimed_by: null, finished_at: null });
  });

  it('EM-15, EM-18, EM-39, EM-48, EM-49: a plain error ends the program at its job', async () => {
    const fail = job('fail', () => {
      throw new Error('broken');
    });
    await t.work({ ...job('a'), ...fail });
    const program = await t.run({ jobs: ['a', 'fail', 'a', 'a'] });
    expect(program).to.include({ step: 1, errorMessage: 'broken', finishedAt: null, stepRetryCount: 0 });
    expect(program.erroredAt).to.be.a('date');
    expect(await t.outcomes(program.runId)).to.deep.equal(['a succeeded', 'fail failed']);
    const { level, data } = await t.log.line('Consumer error finish');
    expect(level).to.equal('error');
    expect(data).to.include({ name: `program-executor-${t.queue}-consumer`, error_message: 'broken' });
    expect(data).to.include.keys('error_stack', 'content');
    expect(t.log.items.find(({ action }) => action === 'executing-job')!.data).to.deep.equal({
      executor: { current_job: 'a', jobs: ['a', 'fail', 'a', 'a'], run_id: program.runId },
    });
    expect((await t.event('programError', program.runId)).error.message).to.equal('broken');
  });

  it('frees its worker and is found due after a real back-off', async () => {
    const retry: RetryPolicy = { initialBackoffMs: 100, jitter: 0 };
    const flaky = job(
      'a',
      (_m, _d, { attempt }) => (attempt === 1 ? Promise.reject(RetryableError.decorate(new Error('x'))) : 1),
      { retry },
    );
    await t.work(flaky);
    const program = await t.run({ jobs: ['a'] });
    expect(program.finishedAt).to.be.a('date');
    expect((await t.event('jobRetried', program.runId)).delayMs).to.equal(100);
    const [first, second] = await t.attempts(program.runId);
    expect(Number(second!['finished_at']) - Number(first!['finished_at'])).to.be.at.least(99);
  });

  it('a job that exceeds timeoutMs is aborted and repeated', async () => {
    const reasons: any[] = [];
    const slow = job(
      'slow',
      async (_m, _d, { attempt, signal }) => {
        if (attempt > 1) return;
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        reasons.push(signal.reason.code);
      },
      { timeoutMs: 30, retry: { initialBackoffMs: 10 } },
    );
    await t.work(slow);
    const program = await t.run({ jobs: ['slow'] });
    expect(reasons).to.deep.equal(['PE_JOB_TIMEOUT']);
    expect(program).to.include({ erroredAt: null, errorMessage: 'Job slow did not end within 30 ms' });
    expect(await t.outcomes(program.runId)).to.deep.equal(['slow retried', 'slow succeeded']);
  });
});

const frozen = Object.freeze(new Error('frozen'));
const cyclic: Record<string, unknown> = { name: 'Cyclic' };
cyclic['self'] = cyclic;
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error('trap');
    },
    getPrototypeOf: () => {
      throw new Error('trap');
    },
    ownKeys: () => {
      throw new Error('trap');
    },
  },
);
const withGetter = Object.defineProperty({}, 'message', {
  get: () => {
    throw new Error('getter');
  },
});

const THROWN: [what: string, thrown: unknown, message: string | RegExp][] = [
  ['undefined', undefined, 'The job threw undefined'],
  ['null', null, 'The job threw null'],
  ['a string', 'plain text', 'plain text'],
  ['an empty string', '', 'The job threw an empty string'],
  ['a number', 0, '0'],
  ['a symbol', Symbol('odd'), 'Symbol(odd)'],
  ['a frozen error', frozen, 'frozen'],
  ['a cyclic object', cyclic, /Cyclic/],
  ['a Proxy that throws', hostile, /^The job threw an object/],
  ['a message that throws', withGetter, /^The job threw an object/],
  ['an error without a message', new Error(''), /Error/],
  ['a function', () => undefined, /./],
  ['NUL and half a pair', new Error('a\u0000\ud800'), 'a\uFFFD\uFFFD'],
];

describeContract(
  'failing',
  (t) => {
    it('ends a program as errored with a readable text, whatever its job throws', async () => {
      const jobs = THROWN.map(([what, thrown]) => job(what, () => Promise.reject(thrown)));
      await t.work(Object.assign({}, ...jobs));
      for (const [what, , message] of THROWN) {
        const program = await t.run({ jobs: [what] });
        expect(program.erroredAt, what).to.be.a('date');
        expect(program.finishedAt, what).to.equal(null);
        if (typeof message === 'string') expect(program.errorMessage, what).to.equal(message);
        else expect(program.errorMessage, what).to.match(message);
      }
    });

    it('EM-19: keeps 255 characters of the message, and the whole error in the attempt', async () => {
      const fail = job('a', () =>
        Promise.reject(new TypeError('x'.repeat(1_000), { cause: new Error('why') })),
      );
      await t.work(fail);
      const program = await t.run({ jobs: ['a'] });
      expect(program.errorMessage).to.equal('x'.repeat(255));
      const [attempt] = await t.attempts(program.runId);
      const error = JSON.parse(attempt!['error']);
      expect(error).to.include({ name: 'TypeError', message: 'x'.repeat(1_000) });
      expect(error.cause.message).to.equal('why');
      expect((await t.event('programError')).error.message).to.have.length(255);
    });

    it('EM-19: keeps the message of a retryable error after a later success', async () => {
      await t.work(
        job('a', (_m, _d, { attempt }) => (attempt === 1 ? Promise.reject(again('once')) : undefined)),
      );
      expect(await t.run({ jobs: ['a'] })).to.include({ errorMessage: 'once', erroredAt: null });
    });

    it('EM-40: any thrown thing with retryable: true is repeated', async () => {
      await t.work(
        job('a', (_m, _d, { attempt }) => {
          if (attempt === 1) throw Object.freeze({ retryable: true, message: 'mine', retryAfterMs: 5 });
        }),
      );
      expect(await t.run({ jobs: ['a'] })).to.include({ errorMessage: 'mine', erroredAt: null });
    });

    it('EM-41: maxAttempts includes the first', async () => {
      let runs = 0;
      const fail = () => {
        runs += 1;
        throw again();
      };
      await t.work(job('a', fail, { retry: { maxAttempts: 3 } }));
      expect(await t.run({ jobs: ['a'] })).to.include({ errorMessage: 'again', stepRetryCount: 2 });
      expect(runs).to.equal(3);
    });

    it("retry.on 'any' repeats plain errors, but none that is marked otherwise", async () => {
      const retry: RetryPolicy = { on: 'any', initialBackoffMs: 5 };
      const plain = job(
        'plain',
        (_m, _d, { attempt }) => (attempt < 3 ? Promise.reject(new Error('p')) : 1),
        { retry },
      );
      const never = job('never', () => Promise.reject(new NonRetryableError('never')), { retry });
      const ignorable = job('ignorable', () => Promise.reject(new IgnorableError('i')), { retry });
      await t.work({ ...plain, ...never, ...ignorable });
      expect((await t.run({ jobs: ['plain'] })).finishedAt).to.be.a('date');
      expect(await t.run({ jobs: ['never'] })).to.include({ errorMessage: 'never', stepRetryCount: 0 });
      expect(await t.run({ jobs: ['ignorable'] })).to.include({ errorMessage: 'i', stepRetryCount: 0 });
    });

    it('a NonRetryableError that is marked retryable as well fails at once', async () => {
      await t.work(job('a', () => Promise.reject(RetryableError.decorate(new NonRetryableError('no')))));
      expect(await t.run({ jobs: ['a'] })).to.include({ errorMessage: 'no', stepRetryCount: 0 });
    });

    it('EM-43: an IgnorableError ends the program as errored without an error in the log', async () => {
      await t.work({ ...job('a', () => Promise.reject(new IgnorableError('skip me', 404))), ...job('b') });
      const program = await t.run({ jobs: ['a', 'b'] });
      expect(program).to.include({ step: 0, errorMessage: 'skip me', finishedAt: null });
      expect(program.erroredAt).to.be.a('date');
      expect(t.log.items.filter(({ level }) => level === 'error')).to.deep.equal([]);
    });

    it("EM-43: with ignorableErrors 'continue' the next job runs", async () => {
      const library = { ...job('a', () => Promise.reject(new IgnorableError('skip me'))), ...job('b') };
      await t.work(library, { ignorableErrors: 'continue' });
      const program = await t.run({ jobs: ['a', 'b'] });
      expect(program).to.include({ step: 1, errorMessage: 'skip me', erroredAt: null });
      expect(await t.outcomes(program.runId)).to.deep.equal(['a ignored', 'b succeeded']);
    });

    it('EM-44: an error both retryable and ignorable is repeated', async () => {
      await t.work(
        job('a', (_m, _d, { attempt }) => {
          if (attempt === 1) throw IgnorableError.decorate(again('both'));
        }),
      );
      expect(await t.run({ jobs: ['a'] })).to.include({ errorMessage: 'both', erroredAt: null });
    });

    it('EM-38: an ExecutionTimeExceededError yields, with no retry counted and no message', async () => {
      let runs = 0;
      await t.work(
        job('a', () => {
          runs += 1;
          if (runs < 3) throw new ExecutionTimeExceededError(1);
        }),
      );
      const program = await t.run({ jobs: ['a'] });
      expect(program).to.include({ errorMessage: null, stepRetryCount: 0 });
      expect(await t.outcomes(program.runId)).to.deep.equal(['a yielded', 'a yielded', 'a succeeded']);
    });

    it('a job that ignores its timeout is reported as stuck', async () => {
      const never = gate();
      const stuck = (_m: object, _d: object, { attempt }: { attempt: number }) =>
        attempt === 1 ? never.opened : undefined;
      await t.work(job('a', stuck, { timeoutMs: 20, retry: { initialBackoffMs: 5 } }));
      await t.run({ jobs: ['a'] });
      expect((await t.log.line('job-stuck')).data).to.include({ job: 'a', reason: 'PE_JOB_TIMEOUT' });
      never.open();
    });
  },
  withoutBroker,
);
