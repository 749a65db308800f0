import { expect } from 'chai';
import { expectTypeOf } from 'expect-type';
import knexPackage from 'knex';
import { z } from 'zod';
import {
  defineJob,
  ExecutionTimeExceededError,
  IgnorableError,
  NonRetryableError,
  RateLimitedError,
  RetryableError,
  type Execute,
} from '../../index.js';
import { runJob, type JobRun } from '../../testing.js';
import { aborted } from '../contract/harness.js';
import { errorOf } from '../jobs/rejection.js';

function jobThat(execute: Execute) {
  return defineJob({ name: 'job', execute });
}

function throwing(thrown: unknown) {
  return jobThat(() => {
    throw thrown;
  });
}

describe('runJob', () => {
  it('gives the job what a worker would give it', async () => {
    let seen: unknown;
    const look = jobThat(async (message, data, { attempt, step, idempotencyKey, results, input, signal }) => {
      seen = { message, data: await data.get(), attempt, step, idempotencyKey, results, input };
      expect(signal.aborted).to.equal(false);
    });
    await runJob(look, {
      programData: { customerId: 7 },
      jobData: { page: 3 },
      results: { earlier: 'done' },
      attempt: 2,
      runId: 'mine',
      laterJobs: ['later'],
    });
    expect(seen).to.deep.equal({
      message: { runId: 'mine', programData: { customerId: 7 }, jobs: ['job', 'later'] },
      data: { page: 3 },
      attempt: 2,
      step: 0,
      idempotencyKey: 'mine:0',
      results: { earlier: 'done' },
      input: { page: 3 },
    });
  });

  it('resolves with the result as later jobs read it, and with the data that was left', async () => {
    const job = defineJob({
      name: 'job',
      execute: async (_message, data) => {
        await data.merge({ page: 1 });
        await data.checkpoint({ row: 2 });
        return { at: new Date(0) };
      },
    });
    const run = await runJob(job);
    expect(run).to.deep.equal({
      outcome: 'succeeded',
      result: { at: '1970-01-01T00:00:00.000Z' },
      error: undefined,
      delayMs: undefined,
      jobData: { page: 1, row: 2 },
      createdPrograms: [],
    });
    expectTypeOf(run.result).toEqualTypeOf<{ at: Date } | undefined>();
  });

  it('runs a class with a static create', async () => {
    class Greet {
      static create({ name }: { name: string }) {
        return { execute: () => `Hello, ${name}` };
      }
    }
    expect(await runJob(Greet, { programData: { name: 'Ada' } })).to.include({ result: 'Hello, Ada' });
  });

  const thrown: [what: string, error: unknown, outcome: JobRun['outcome'], delayMs: number | undefined][] = [
    ['a plain error', new Error('no'), 'failed', undefined],
    ['undefined', undefined, 'failed', undefined],
    ['a RetryableError', new RetryableError('no'), 'retried', 1_000],
    ['a time to wait', new RetryableError('no', 503, { retryAfterMs: 250 }), 'retried', 250],
    ['a NonRetryableError', new NonRetryableError('no'), 'failed', undefined],
    ['an IgnorableError', new IgnorableError('no'), 'ignored', undefined],
    ['a RateLimitedError', new RateLimitedError(500), 'deferred', 500],
  ];
  for (const [what, error, outcome, delayMs] of thrown)
    it(`classifies ${what} as the worker does: ${outcome}`, async () => {
      const run = await runJob(throwing(error));
      expect(run).to.include({ outcome, delayMs, error });
    });

  it('says that a job gives way when its time is used up', async () => {
    const { outcome } = await runJob(throwing(new ExecutionTimeExceededError(1)));
    expect(outcome).to.equal('yielded');
  });

  it("keeps the job's retry policy: the back-off grows with the attempt, and the last one fails", async () => {
    const job = defineJob({
      name: 'job',
      retry: { on: 'any', maxAttempts: 3, initialBackoffMs: 10 },
      execute: () => {
        throw new Error('no');
      },
    });
    const runs = await Promise.all([1, 2, 3].map((attempt) => runJob(job, { attempt })));
    expect(runs.map(({ outcome }) => outcome)).to.deep.equal(['retried', 'retried', 'failed']);
    expect(runs.map(({ delayMs }) => delayMs)).to.deep.equal([10, 20, undefined]);
  });

  it("checks the job's data by its input schema", async () => {
    const job = defineJob({
      name: 'charge',
      input: z.object({ cents: z.number(), currency: z.string().default('EUR') }),
      execute: (_message, _data, { input }) => input,
    });
    expect(await runJob(job, { jobData: { cents: 5 } })).to.deep.include({
      outcome: 'succeeded',
      result: { cents: 5, currency: 'EUR' },
    });
    const wrong = await runJob(job, { jobData: { cents: 'five' } as any });
    expect(wrong).to.have.property('outcome', 'failed');
    expect(wrong.error).to.have.property('code', 'PE_INVALID_JOB_INPUT');
  });

  it('aborts a job that takes longer than its timeoutMs, and would retry it', async () => {
    const job = defineJob({
      name: 'slow',
      timeoutMs: 5,
      execute: (_message, _data, { signal }) => aborted(signal),
    });
    const run = await runJob(job);
    expect(run.outcome).to.equal('retried');
    expect(run.error).to.have.property('code', 'PE_JOB_TIMEOUT');
  });

  it('stops a job as a worker does that stops', async () => {
    const stop = new AbortController();
    const job = jobThat(async (_message, _data, { signal }) => {
      stop.abort();
      await aborted(signal);
      throw signal.reason;
    });
    expect(await runJob(job, { stop: stop.signal })).to.have.property('outcome', 'stopped');
  });

  it('tells which programs the job created', async () => {
    const job = jobThat((_message, _data, context) =>
      context.createProgram({ jobs: ['a'], programData: { n: 1 } }, { runId: 'child', runAfter: 10 }),
    );
    expect((await runJob(job)).createdPrograms).to.deep.equal([
      {
        runId: 'child',
        program: { jobs: ['a'], programData: { n: 1 } },
        options: { runId: 'child', runAfter: 10 },
      },
    ]);
  });

  it('refuses programs that the executor would refuse', async () => {
    const job = jobThat((_message, _data, context) => context.createProgram({ jobs: [''] }));
    expect((await runJob(job)).error).to.have.property('code', 'PE_INVALID_PROGRAM');
  });

  describe('context.transaction', () => {
    const book = jobThat((_message, _data, { transaction }) =>
      transaction(async (trx) => {
        await trx('bookings').insert({ cents: 5 });
        return { booked: true };
      }),
    );

    it('works on the knex that is given, and its result is that of the job', async () => {
      const knex = knexPackage({
        client: 'better-sqlite3',
        connection: ':memory:',
        useNullAsDefault: true,
        pool: { min: 1, max: 1 },
      });
      await knex.schema.createTable('bookings', (t) => t.integer('cents'));
      expect(await runJob(book, { knex })).to.deep.include({
        outcome: 'succeeded',
        result: { booked: true },
      });
      expect(await knex('bookings')).to.deep.equal([{ cents: 5 }]);
      await knex.destroy();
    });

    it('says what is missing without one', async () => {
      const { error } = await runJob(book);
      expect(error)
        .to.have.property('message')
        .that.matches(/options\.knex: .*give a connected knex/);
    });
  });

  const misuses: [what: string, job: unknown, options: unknown, message: RegExp][] = [
    ['no job', {}, {}, /given to runJob: expected a static create/],
    ['a job without a name', { execute: () => 1 }, {}, /job: expected a class with a name/],
    [
      'an unknown option',
      throwing(1),
      { atempt: 1 },
      /options\.atempt: unknown setting; known are programData/,
    ],
    ['attempt 0', throwing(1), { attempt: 0 }, /options\.attempt: expected a whole number from 1/],
    ['job data that is no object', throwing(1), { jobData: 5 }, /options\.jobData: expected an object/],
    [
      'data that no database keeps',
      throwing(1),
      { programData: { a: 1n } },
      /programData\.a: cannot be written/,
    ],
    ['no options', throwing(1), null, /options: expected an object/],
  ];
  for (const [what, job, options, message] of misuses)
    it(`rejects ${what}, naming it`, async () => {
      const error = await errorOf(() => runJob(job as any, options as any));
      expect(error.message).to.match(message);
    });
});
