import { expect } from 'chai';
import { ConfigError, ProgramExecutor } from '../../index.js';
import { checkWorkerOptions } from '../../src/config/index.js';

describe('the configuration', () => {
  const wrong: [string, unknown, RegExp][] = [
    ['an unknown key', { tablename: 'x' }, /^tablename: unknown setting/],
    ['a table name that needs quoting', { tableName: 'a;b' }, /^tableName: /],
    ['a table name that is too long', { tableName: 'a'.repeat(41) }, /^tableName: /],
    ['an empty queue name', { queueName: '' }, /^queueName: /],
    ['an amqpUrl of another protocol', { amqpUrl: 'http://localhost' }, /^amqpUrl: /],
    ['a knex without a client', { knex: {} }, /^knex: /],
    ['a database URL of no known kind', { knex: 'redis://localhost/0' }, /^knex: /],
    [
      'a knex that renames columns',
      { knex: { client: 'pg', postProcessResponse: () => [{ runId: 1 }] } },
      /^knex: its postProcessResponse renames/,
    ],
    ['both a knex and a path', { knex: { client: 'pg' }, databasePath: 'x' }, /^databasePath: /],
    ['a logger without methods', { logger: {} }, /^logger: /],
    ['a limit that is no number', { maxPayloadBytes: '1' }, /^maxPayloadBytes: /],
    ['an unknown preset', { retry: 'workpol' }, /^retry: expected .*'workpool' or 'tem' or 'emartech'$/],
    ['a wrong field of a policy', { retry: { jitter: 2 } }, /^retry\.jitter: expected a number from 0 to 1$/],
    ['a retention of an unknown key', { retention: { finished: 1 } }, /^retention: expected false, or/],
    ['a retention that is no time', { retention: { finishedMs: '7d' } }, /^retention: /],
    ['a retention that is true', { retention: true }, /^retention: /],
    ['no object', 'config', /^config: /],
  ];
  for (const [name, config, message] of wrong)
    it(`EM-3: refuses ${name}, naming the key`, () => {
      expect(() => ProgramExecutor.create(config as object)).to.throw(ConfigError, message);
    });

  it('EM-2: does no I/O, so unreachable servers do not matter yet', async () => {
    const executor = ProgramExecutor.create({
      knex: 'postgres://nobody:secret@127.0.0.1:1/none',
      amqpUrl: 'amqp://127.0.0.1:1',
    });
    await executor.close();
  });

  it('EM-2: create is the same as new', async () => {
    const executor = new ProgramExecutor({ databasePath: '/nonexistent/folder/file.sqlite' });
    expect(executor).to.be.instanceOf(ProgramExecutor);
    await executor.close();
  });
});

describe('worker options', () => {
  it('have their defaults', () => {
    expect(checkWorkerOptions({})).to.include({ concurrency: 200, leaseMs: 60_000, timeSliceMs: 30_000 });
  });

  it("say after the worker's own retries what its executor says", () => {
    expect(checkWorkerOptions({}).retry).to.deep.equal([undefined, undefined]);
    expect(checkWorkerOptions({ retry: true }, 'tem').retry).to.deep.equal([true, 'tem']);
  });

  const wrong: [object, RegExp][] = [
    [{ leaseMs: 1_999 }, /^options\.leaseMs: expected a whole number from 2000/],
    [{ concurrency: 0 }, /^options\.concurrency: /],
    [{ concurency: 1 }, /^options\.concurency: unknown setting/],
    [{ retry: 3 }, /^options\.retry: expected true, false, .* 'workpool' or 'tem' or 'emartech'$/],
    [{ retry: { base: 0 } }, /^options\.retry\.base: expected a number from 1$/],
    [{ unknownJob: 'explode' }, /^options\.unknownJob: expected 'defer' or 'skip' or 'fail'/],
  ];
  for (const [options, message] of wrong)
    it(`refuse ${JSON.stringify(options)}`, () => {
      expect(() => checkWorkerOptions(options)).to.throw(ConfigError, message);
    });
});
