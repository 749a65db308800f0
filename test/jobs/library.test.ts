import { expect } from 'chai';
import { defineJob, findJob, knownJobs, validateLibrary, type JobLibrary } from '../../src/jobs/index.js';
import { errorOf } from './rejection.js';

class SendMail {
  static create(): SendMail {
    return new SendMail();
  }
  execute(): void {}
}

const resize = defineJob({ name: 'resize', execute: () => 'done' });
const library: JobLibrary = { [SendMail.name]: SendMail, resize };

describe('a job library', () => {
  it('finds class jobs and defined jobs by their key (EM-31)', () => {
    expect(findJob(library, 'SendMail')).to.equal(SendMail);
    expect(findJob(library, 'resize')).to.equal(resize);
  });

  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty', '', 'nothing'])
    it(`knows no job called ${JSON.stringify(name)}`, () => {
      expect(findJob(library, name)).to.equal(undefined);
    });

  it('lists the names it knows, sorted', () => {
    expect(knownJobs(library)).to.deep.equal(['SendMail', 'resize']);
  });

  it('is valid with a class that has only a static create (EM-26)', () => {
    validateLibrary({ old: { create: () => ({ execute: () => undefined }) } });
    validateLibrary(library);
  });

  const execute = (): void => undefined;
  const faults: [what: string, job: unknown, expectation: string][] = [
    ['a missing job', undefined, 'got undefined'],
    ['a text', 'SendMail', 'got string'],
    ['a class without create', class {}, 'static create'],
    ['an object that can do nothing', {}, 'static create'],
    ['a retry that is a number', { name: 'bad', execute, retry: 3 }, 'retry: expected true, false'],
    ['no attempts', { name: 'bad', execute, retry: { maxAttempts: 0 } }, 'retry.maxAttempts: expected'],
    ['half an attempt', { name: 'bad', execute, retry: { maxAttempts: 1.5 } }, 'retry.maxAttempts: expected'],
    ['a negative delay', { name: 'bad', execute, retry: { initialBackoffMs: -1 } }, 'retry.initialBackoffMs'],
    ['a shrinking delay', { name: 'bad', execute, retry: { base: 0.5 } }, 'retry.base'],
    ['an endless delay', { name: 'bad', execute, retry: { maxBackoffMs: Infinity } }, 'retry.maxBackoffMs'],
    ['a delay that is NaN', { name: 'bad', execute, retry: { maxBackoffMs: NaN } }, 'retry.maxBackoffMs'],
    ['too much jitter', { name: 'bad', execute, retry: { jitter: 1.1 } }, 'retry.jitter'],
    ['an unknown kind of error', { name: 'bad', execute, retry: { on: 'never' } }, 'retry.on'],
    ['an unknown strategy', { name: 'bad', execute, retry: { strategy: 'cubic' } }, 'retry.strategy'],
    ['an unknown preset', { name: 'bad', execute, retry: 'workpol' }, "'workpool' or 'tem' or 'emartech'"],
    ['a misspelt field', { name: 'bad', execute, retry: { attempts: 3 } }, 'retry.attempts: unknown'],
    ['a timeout of nothing', { name: 'bad', execute, timeoutMs: 0 }, 'timeoutMs'],
    ['a timeout no timer can hold', { name: 'bad', execute, timeoutMs: 2 ** 31 }, 'timeoutMs'],
    ['a schema that is none', { name: 'bad', execute, input: { parse: execute } }, 'Standard Schema'],
  ];
  for (const [what, job, expectation] of faults)
    it(`refuses ${what}, naming the entry`, async () => {
      const error = await errorOf(() => validateLibrary({ ...library, bad: job }));
      expect(error.code).to.equal('PE_INVALID_JOB');
      expect(error.message).to.include('Job bad: ').and.include(expectation);
    });

  it('must be an object', async () => {
    expect((await errorOf(() => validateLibrary(undefined))).code).to.equal('PE_INVALID_JOB');
  });
});

describe('defineJob', () => {
  it('keeps what it was given', () => {
    const retry = { maxAttempts: 3 };
    const job = defineJob({ name: 'resize', execute: () => 1, retry, timeoutMs: 5_000 });
    expect(job).to.include({ name: 'resize', retry, timeoutMs: 5_000 });
  });

  it('refuses a job without a name', async () => {
    const error = await errorOf(() => defineJob({ name: '', execute: () => 1 }));
    expect(error.code).to.equal('PE_INVALID_JOB');
  });

  it('refuses a job without execute', async () => {
    const broken = { name: 'broken', execute: undefined as never };
    const error = await errorOf(() => defineJob(broken));
    expect(error.message).to.equal('Job broken: execute must be a function');
  });

  it('refuses a wrong policy at once', async () => {
    const error = await errorOf(() => defineJob({ name: 'broken', execute: () => 1, timeoutMs: -1 }));
    expect(error.message).to.include('Job broken: timeoutMs must be');
  });

  it('refuses a field that a job has not, as one that is misspelt would do nothing', async () => {
    const misspelt = { name: 'broken', execute: () => 1, timeout: 5_000 };
    const error = await errorOf(() => defineJob(misspelt));
    expect(error.code).to.equal('PE_INVALID_JOB');
    expect(error.message).to.match(/^Job broken: timeout: unknown field; a job has name, execute, /);
  });

  it('refuses what is no object', async () => {
    for (const nothing of [undefined, null, 'resize', () => 1])
      expect((await errorOf(() => defineJob(nothing as never))).message).to.match(
        /^defineJob: expected \{ name, execute, /,
      );
  });
});
