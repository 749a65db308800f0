import { expect } from 'chai';
import { defineJob, type Execute, type JobContext } from '../../index.js';
import { JobExecution, type JobCall } from '../../src/consumer/job-execution.js';
import { LeaseLostError, WorkerStoppedError } from '../../src/errors/index.js';
import { silentLogger } from '../support/silent-logger.js';

const PLAIN = { attempt: 1, step: 0, fence: 1, idempotencyKey: 'x:0' };
const CONTEXT = { ...PLAIN, results: () => ({ before: 1 }) };

function executionOf(execute: Execute): JobExecution {
  const call = {
    job: defineJob({ name: 'a', execute }),
    message: { runId: 'x', programData: {}, jobs: ['a'] },
    data: { current: () => ({}) },
    context: CONTEXT,
  };
  return new JobExecution(call as unknown as JobCall, silentLogger);
}

/** What a job sees of its context, while it runs. */
async function seen<T>(look: (context: JobContext) => T): Promise<T> {
  let found: T | undefined;
  await executionOf((_message, _data, context) => void (found = look(context))).run();
  return found as T;
}

describe("a job's context", () => {
  it('has its signal and the results also in a spread copy', async () => {
    const copy = await seen((context) => ({ ...context }));
    expect(copy).to.deep.include({ ...PLAIN, results: { before: 1 } });
    expect(copy).to.have.property('signal').that.is.instanceOf(AbortSignal);
  });

  it('has the same results, however often they are asked for', async () => {
    const [first, second] = await seen((context) => [context.results, context.results]);
    expect(first).to.equal(second);
  });

  it('has one signal, however often it is asked for', async () => {
    const signals = await seen((context) => [context.signal, context.signal, { ...context }.signal]);
    expect(new Set(signals).size).to.equal(1);
  });

  it('has a signal that is not aborted while nothing interrupts the job', async () => {
    expect((await seen(({ signal }) => signal)).aborted).to.equal(false);
  });
});

describe('a job class', () => {
  for (const [what, created, got] of [
    ['nothing', undefined, 'undefined'],
    ['an object that can do nothing', {}, 'object'],
    ['a text', 'SendMail', 'string'],
  ] as const)
    it(`whose create returns ${what} fails with its name and what was expected`, async () => {
      const call = {
        job: { name: 'SendMail', create: () => Promise.resolve(created) },
        message: { runId: 'x', programData: {}, jobs: ['send'] },
        data: { current: () => ({}) },
        context: CONTEXT,
      };
      const end = await new JobExecution(call as unknown as JobCall, silentLogger).run();
      expect(end)
        .to.have.property('error')
        .that.deep.includes({
          code: 'PE_INVALID_JOB',
          message: `Job send: expected its static create to return an object with an execute function, got ${got}`,
        });
    });
});

/** Timers of this process that have not gone off. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('a job that has ended', () => {
  it('is given no grace: nobody will say that it is stuck', async () => {
    const execution = executionOf(() => undefined);
    await execution.run();
    const before = timers();
    execution.interrupt(new WorkerStoppedError());
    expect(timers()).to.equal(before);
  });

  it('leaves no timer of the grace that it had', async () => {
    // The test's own timer runs by then.
    await executionOf(() => undefined).run();
    const before = timers();
    const execution = executionOf(() => execution.interrupt(new WorkerStoppedError()));
    await execution.run();
    expect(timers()).to.equal(before);
  });
});

describe('an interrupted job', () => {
  it('finds its signal aborted, with the reason, when it asks for it only then', async () => {
    const reason = new WorkerStoppedError();
    let signal: AbortSignal | undefined;
    const execution = executionOf((_message, _data, context) => {
      execution.interrupt(reason);
      signal = context.signal;
    });
    await execution.run();
    expect(signal).to.include({ aborted: true, reason });
  });

  it('hears of it by the signal that it has already', async () => {
    const reason = new LeaseLostError('x', 'it was taken over');
    let heard: unknown;
    const execution = executionOf((_message, _data, { signal }) => {
      signal.addEventListener('abort', () => (heard = signal.reason));
      execution.interrupt(reason);
    });
    expect(await execution.run()).to.equal('abandoned');
    expect(heard).to.equal(reason);
  });

  it('has succeeded when it does so in the grace of a stopping worker', async () => {
    const execution = executionOf(() => {
      execution.interrupt(new WorkerStoppedError());
      return 'done';
    });
    expect(await execution.run()).to.deep.equal({ kind: 'succeeded', result: '"done"' });
  });

  it('is stopped when it fails in that grace', async () => {
    const execution = executionOf(() => {
      execution.interrupt(new WorkerStoppedError());
      throw new Error('aborted');
    });
    expect(await execution.run()).to.deep.equal({ kind: 'stopped' });
  });

  it('hears the first reason only', async () => {
    const first = new WorkerStoppedError();
    let signal: AbortSignal | undefined;
    const execution = executionOf((_message, _data, context) => {
      execution.interrupt(first);
      execution.interrupt(new LeaseLostError('x', 'too late'));
      signal = context.signal;
    });
    await execution.run();
    expect(signal?.reason).to.equal(first);
  });
});
