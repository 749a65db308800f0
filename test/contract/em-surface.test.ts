import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import * as surface from '../../index.js';
import { amqpUrl } from '../support/brokers.js';
import { databasePath } from '../support/databases.js';
import { URL_VARIABLES } from '../support/servers/description.js';
import { describeContract, job, rejection } from './harness.js';

const { IgnorableError, loadJobs, ProgramExecutor, RetryableError } = surface;

describe('contract, surface', () => {
  it('EM-1: exports the named members, and no default', () => {
    for (const name of ['ProgramExecutor', 'RetryableError', 'IgnorableError'] as const)
      expect(surface[name]).to.be.a('function');
    expect(surface).not.to.have.property('default');
  });

  it('EM-2: create is the same as new, and does no I/O', async () => {
    const config = { knex: 'postgres://127.0.0.1:1/none', amqpUrl: 'amqp://127.0.0.1:1' };
    expect(ProgramExecutor.create(config)).to.be.instanceOf(ProgramExecutor);
    await new ProgramExecutor(config).close();
  });

  it('EM-3: a wrong or unknown key is refused at once, by name; every key has a default', async () => {
    const wrong = { knex: 7, amqpUrl: 'http://x', tableName: 'a-b', queueName: '', tabelName: 'x' };
    for (const [key, value] of Object.entries(wrong))
      expect(() => ProgramExecutor.create({ [key]: value }))
        .to.throw(key)
        .with.property('code', 'PE_CONFIG');
    await ProgramExecutor.create().close();
  });

  it('EM-12, EM-53: createProgram does not fail because of the broker; the poll runs the program', async () => {
    const executor = ProgramExecutor.create({ databasePath: databasePath(), amqpUrl: 'amqp://127.0.0.1:1' });
    const finished = once(executor, 'programFinished');
    const runId = await executor.createProgram({ jobs: ['a'] });
    await executor.processPrograms(job('a'));
    expect((await finished)[0]).to.include({ runId });
    await executor.close();
  });

  it('EM-31: a library is an object of jobs by name, and what is no job is refused', async () => {
    const executor = ProgramExecutor.create({ databasePath: databasePath() });
    const error = await rejection(executor.processPrograms({ a: {} } as any));
    expect(error.code).to.equal('PE_INVALID_JOB');
    expect(loadJobs).to.be.a('function');
    await executor.close();
  });

  it('EM-40, EM-43: errors carry their markers, and mark others', () => {
    expect(new RetryableError('m', 5)).to.include({ message: 'm', code: 5, retryable: true });
    expect(RetryableError.isRetryable(RetryableError.decorate(new Error('x')))).to.equal(true);
    expect(RetryableError.isRetryable(new Error('x'))).to.equal(false);
    expect(new IgnorableError('m', 404)).to.deep.include({ response: { status: 404 }, ignorable: true });
    expect(IgnorableError.isIgnorable(IgnorableError.decorate(new Error('x')))).to.equal(true);
  });

  it('EM-50, WP-3, decided otherwise: logs appear when DEBUG enables their namespace', () => {
    const url = new URL('../../src/telemetry/logger.js', import.meta.url).href;
    const script = `import { createLogger } from '${url}'; createLogger('program-executor-q').info('seen');`;
    const logged = (DEBUG: string): string =>
      execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, DEBUG },
        encoding: 'utf8',
      });
    expect(logged('x,program-executor*')).to.contain('seen');
    expect(logged('')).to.equal('');
    expect(logged('program-executor*,-program-executor-q')).to.equal('');
  });
});

describeContract(
  'processes',
  (t) => {
    it('EM-7: 4 processes share 100 programs, each job executed once', async () => {
      await t.executor.getProgram('none');
      const script = new URL('./worker-process.js', import.meta.url);
      const knex = process.env[URL_VARIABLES.postgres]!;
      const children = [1, 2, 3, 4].map(() => fork(script, [knex, amqpUrl(), t.table, t.queue]));
      await Promise.all(children.map((child) => once(child, 'message')));
      const jobs = Array.from({ length: 100 }, () => ({ jobs: ['a'] }));
      const runIds = await t.executor.createPrograms(jobs);
      const unfinished = () => t.knex(t.table).whereNull('finished_at').first('id');
      while (await unfinished()) await new Promise((resolve) => setTimeout(resolve, 50));
      const attempts = await t.knex(`${t.table}_attempts`).select('worker', 'program_id');
      expect(attempts).to.have.length(runIds.length);
      expect(new Set(attempts.map(({ worker }) => worker)).size).to.equal(4);
      const exits = children.map((child) => once(child, 'exit'));
      for (const child of children) child.send('stop');
      expect((await Promise.all(exits)).map(([code]) => code)).to.deep.equal([0, 0, 0, 0]);
    });
  },
  ({ database, dialect, hasBroker }) => database.kind === 'postgres' && dialect === 'auto' && hasBroker,
);
