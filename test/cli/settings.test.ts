import { expect } from 'chai';
import type { ConfigFile } from '../../src/cli/settings/config-file.js';
import { loadConfigFile } from '../../src/cli/settings/config-file.js';
import type { GlobalFlags } from '../../src/cli/settings/flags.js';
import { resolveConfig } from '../../src/cli/settings/resolve-config.js';
import { resolveService } from '../../src/cli/settings/resolve-service.js';
import { knexConfigFromUrl } from '../../src/config/database-url.js';
import { ConfigError } from '../../src/errors/index.js';
import { errorOf } from '../jobs/rejection.js';
import { removeTempFolders, tempFolder } from '../jobs/temp-folder.js';

const resolve = (sources: { file?: ConfigFile; env?: Record<string, string>; flags?: GlobalFlags }) =>
  resolveConfig({ file: {}, env: {}, flags: {}, ...sources });

const URL = 'postgres://u:p@db/app';
const pg = knexConfigFromUrl(URL);

describe('the settings of the command line', () => {
  it('are empty without any source, so that the executor takes its defaults', () => {
    expect(resolve({})).to.deep.equal({});
  });

  it('come from the environment', () => {
    const env = { DATABASE_URL: URL, AMQP_URL: 'amqp://mq', PE_TABLE: 't', PE_QUEUE: 'q' };
    expect(resolve({ env })).to.deep.equal({ ...pg, amqpUrl: 'amqp://mq', tableName: 't', queueName: 'q' });
  });

  it('come from flags', () => {
    const flags = { databaseUrl: URL, amqpUrl: 'amqp://mq', table: 't', queue: 'q' };
    expect(resolve({ flags })).to.deep.equal({ ...pg, amqpUrl: 'amqp://mq', tableName: 't', queueName: 'q' });
    expect(resolve({ flags: { databasePath: 'a.sqlite' } })).to.deep.equal({ databasePath: 'a.sqlite' });
  });

  it('come from the file, but for what is the service’s own', () => {
    const file: ConfigFile = { tableName: 't', createTable: false, worker: { jobs: './jobs' } };
    expect(resolve({ file })).to.deep.equal({ tableName: 't', createTable: false });
  });

  it('rise in order: file, environment, flags', () => {
    const file = { tableName: 'file', queueName: 'file', amqpUrl: 'amqp://file' };
    const env = { PE_TABLE: 'env', PE_QUEUE: 'env' };
    const flags = { table: 'flag' };
    expect(resolve({ file, env, flags })).to.deep.equal({
      tableName: 'flag',
      queueName: 'env',
      amqpUrl: 'amqp://file',
    });
  });

  const databases: [what: string, sources: Parameters<typeof resolve>[0], wins: object][] = [
    ['a path in the file', { file: { databasePath: 'file' }, env: { DATABASE_URL: URL } }, pg],
    ['a knex in the file', { file: pg, env: { DATABASE_URL: 'sqlite:env' } }, { databasePath: 'env' }],
    [
      'the environment',
      { env: { DATABASE_URL: URL }, flags: { databasePath: 'flag' } },
      { databasePath: 'flag' },
    ],
    [
      'one of another kind in the environment',
      { env: { DATABASE_URL: 'mongodb://h/x' }, flags: { databasePath: 'flag' } },
      { databasePath: 'flag' },
    ],
    [
      'no database in the environment',
      { env: { DATABASE_URL: 'https://h/x' }, flags: { databaseUrl: URL } },
      pg,
    ],
  ];
  for (const [what, sources, wins] of databases)
    it(`take the database of a higher source instead of ${what}`, () => {
      expect(resolve(sources)).to.deep.equal(wins);
    });

  it('refuse a database of another kind in the environment where no flag names one', () => {
    const env = { DATABASE_URL: 'mongodb://h/x' };
    expect(() => resolve({ env, flags: { table: 't' } })).to.throw(ConfigError, 'DATABASE_URL');
  });

  it('ignore empty variables', () => {
    const env = { DATABASE_URL: '', AMQP_URL: '', PE_TABLE: '', PE_QUEUE: '' };
    expect(resolve({ file: { tableName: 't' }, env })).to.deep.equal({ tableName: 't' });
  });

  it('name one database at a time', () => {
    const flags = { databaseUrl: URL, databasePath: 'a.sqlite' };
    expect(() => resolve({ flags })).to.throw(ConfigError, '--database-path');
  });
});

describe('the settings of the worker service', () => {
  it('need nothing but jobs', () => {
    expect(resolveService(undefined, { jobs: './jobs' })).to.deep.equal({
      jobs: './jobs',
      processes: 1,
      graceMs: 10_000,
      workerOptions: {},
    });
  });

  it('come from the file, and flags win', () => {
    const file = { jobs: './jobs', processes: 2, concurrency: 3, graceSeconds: 4, leaseMs: 5_000 };
    expect(resolveService(file, { processes: 8, concurrency: 9, batch: 'march', grace: 0.5 })).to.deep.equal({
      jobs: './jobs',
      processes: 8,
      graceMs: 500,
      workerOptions: { concurrency: 9, batch: 'march', leaseMs: 5_000 },
    });
  });

  const wrong: [what: string, file: ConfigFile['worker'], flags: object, key: string][] = [
    ['no jobs', undefined, {}, '--jobs'],
    ['no processes', undefined, { jobs: 'a', processes: 0 }, 'worker.processes'],
    ['half a process', undefined, { jobs: 'a', processes: 1.5 }, 'worker.processes'],
    ['a negative grace', { jobs: 'a', graceSeconds: -1 }, {}, 'worker.graceSeconds'],
  ];
  for (const [what, file, flags, key] of wrong)
    it(`refuse ${what}`, () => {
      expect(() => resolveService(file, flags)).to.throw(ConfigError, key);
    });
});

describe('the configuration file', () => {
  afterEach(removeTempFolders);

  it('is not needed', async () => {
    expect(await loadConfigFile(await tempFolder())).to.deep.equal({});
  });

  for (const name of ['program-executor.config.js', 'program-executor.config.mjs'])
    it(`is found as ${name}`, async () => {
      const text = name.endsWith('.js') ? 'module.exports =' : 'export default';
      const folder = await tempFolder({ [name]: `${text} { tableName: 't' }` });
      expect(await loadConfigFile(folder)).to.deep.equal({ tableName: 't' });
    });

  it('may be named', async () => {
    const folder = await tempFolder({ 'conf/mine.mjs': `export default { tableName: 't' }` });
    expect(await loadConfigFile(folder, 'conf/mine.mjs')).to.deep.equal({ tableName: 't' });
  });

  const wrong: [what: string, text: string, expectation: string][] = [
    ['throws', 'throw new Error("no vault")', 'no vault'],
    ['exports no settings', 'export const tableName = 1', 'default export'],
  ];
  for (const [what, text, expectation] of wrong)
    it(`is refused when it ${what}`, async () => {
      const folder = await tempFolder({ 'program-executor.config.mjs': text });
      const error = await errorOf(() => loadConfigFile(folder));
      expect(error).to.be.instanceOf(ConfigError);
      expect(error.message).to.include('program-executor.config.mjs: ').and.include(expectation);
    });

  it('that was named must be there', async () => {
    expect((await errorOf(() => loadConfigFile('/tmp', 'nowhere.mjs'))).code).to.equal('PE_CONFIG');
  });
});
