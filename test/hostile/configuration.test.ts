import { expect } from 'chai';
import fc from 'fast-check';
import {
  ConfigError,
  defineJob,
  ProgramExecutor,
  type ExecutorConfig,
  type JobLibrary,
  type WorkerOptions,
} from '../../index.js';
import { describeContract, job, rejection, withoutBroker } from '../contract/harness.js';
import { Log } from '../support/log.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { expectUntouchedPrototypes, KINDS, OBJECTS, thrower } from './hostile-values.js';

/** The kinds of value that a setting does take; all the others it has to refuse. */
const TAKEN: Readonly<Record<keyof ExecutorConfig, readonly string[]>> = {
  knex: [],
  databasePath: ['a text', 'half a surrogate pair'],
  amqpUrl: ['a function', ...OBJECTS],
  tableName: ['a text'],
  queueName: ['a text'],
  queueType: [],
  declare: ['true'],
  createTable: ['true'],
  maxPayloadBytes: [],
  dialect: [],
  interruption: OBJECTS,
  retry: ['true', ...OBJECTS],
  retention: OBJECTS,
  logger: [],
};
const TAKEN_OPTIONS: Readonly<Record<keyof WorkerOptions, readonly string[]>> = {
  concurrency: [],
  leaseMs: [],
  timeSliceMs: ['zero'],
  maxBlockedMs: [],
  unknownJob: [],
  unknownJobTimeoutMs: ['zero'],
  ignorableErrors: [],
  retry: ['true', ...OBJECTS],
  batch: ['a text'],
};
const RETRY = [
  'maxAttempts',
  'maxAttempt',
  'strategy',
  'initialBackoffMs',
  'base',
  'maxBackoffMs',
  'jitter',
  'on',
];
const TAKEN_RETRY: Readonly<Record<string, readonly string[]>> = {
  maxAttempts: ['Infinity'],
  maxAttempt: ['Infinity'],
  strategy: [],
  initialBackoffMs: ['zero', 'a fraction'],
  base: ['a fraction'],
  maxBackoffMs: ['zero', 'a fraction'],
  jitter: ['zero'],
  on: [],
};

const MARKER = 'marker-of-a-url';
const execute = (): void => undefined;

/** The error of a configuration that is refused at once. */
function refusalOf(config: unknown): any {
  try {
    void ProgramExecutor.create(config as ExecutorConfig).close();
  } catch (error) {
    return error;
  }
  throw new Error('Expected it to be refused');
}

describe('hostile configuration', () => {
  for (const [key, taken] of Object.entries(TAKEN))
    it(`is refused with the name of ${key}, whatever wrong kind it has`, () => {
      for (const [kind, value] of KINDS)
        if (!taken.includes(kind)) {
          const error = refusalOf({ [key]: value });
          expect(error, kind).to.be.instanceOf(ConfigError).and.include({ code: 'PE_CONFIG', key });
          expect(error.message, kind).to.match(/^\w+: (expected|unknown|not a URL|knex cannot)/);
        }
    });

  it('is refused when it is no object', () => {
    for (const [kind, value] of KINDS)
      if (!OBJECTS.includes(kind)) expect(refusalOf(value), kind).to.include({ key: 'config' });
  });

  it('is refused with a key that there is not, however that is written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
        fc.pre(!Object.hasOwn(TAKEN, key) && key !== '__proto__');
        expect(refusalOf({ [key]: 1 }).message).to.include('unknown setting; known are knex, databasePath');
      }),
    );
    for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(refusalOf(JSON.parse(`{"${key}":{"polluted":true}}`))).to.include({ code: 'PE_CONFIG', key });
    expectUntouchedPrototypes();
  });

  const identifiers: [key: string, value: string][] = [
    ['tableName', 'programs; drop table programs'],
    ['tableName', 'programs"'],
    ['tableName', 'programs`'],
    ['tableName', 'schema.programs'],
    ['tableName', 'programs\n'],
    ['tableName', 'prógrams'],
    ['tableName', 'sqlite_programs'],
    ['tableName', 'a'.repeat(38)],
    ['queueName', 'q\u0000'],
    ['queueName', 'q\nline: 2'],
    ['queueName', 'q\u009b31m'],
    ['queueName', 'q\ud800'],
    ['queueName', 'amq.reserved'],
    ['queueName', 'ä'.repeat(101)],
    ['databasePath', '  '],
    ['databasePath', 'file\u0000.sqlite'],
    ['knex', 'sqlite:  '],
    ['knex', 'sqlite:a\u0000b'],
    ['knex', 'file:///a%00b'],
    ['knex', `postgres://u:${MARKER}%zz@h/db`],
    ['knex', `mysql://u:${MARKER}%@h/db`],
    ['knex', `postgres://u:${MARKER}/more@h/db`],
    ['knex', `javascript:${MARKER}`],
    ['amqpUrl', `amqp://u:${MARKER}%zz@h`],
    ['amqpUrl', `amqp://u:${MARKER}@h/%`],
    ['amqpUrl', `amqp://u:${MARKER}/more@h`],
    ['amqpUrl', `http://u:${MARKER}@h`],
    ['amqpUrl', ` amqp://u:${MARKER}@h`],
  ];
  for (const [key, value] of identifiers)
    it(`is refused with ${key} ${JSON.stringify(value).slice(0, 40)}, which is not repeated`, () => {
      const error = refusalOf({ [key]: value });
      expect(error).to.include({ code: 'PE_CONFIG', key });
      expect(`${error.stack}${JSON.stringify(error)}`).to.not.include(MARKER);
    });

  const knexes: [what: string, knex: unknown][] = [
    ['a function that is no knex', () => 1],
    ['a class', class {}],
    ['a client that knex does not know', { client: 'nonsense' }],
    ['a client of undefined', { client: undefined }],
    ['a client that is a number', { client: 5 }],
    ['a client whose driver is not installed', { client: 'oracledb', connection: {} }],
  ];
  for (const [what, knex] of knexes)
    it(`is refused with a knex that is ${what}`, () => {
      expect(refusalOf({ knex })).to.be.instanceOf(ConfigError).and.include({ key: 'knex' });
    });

  it('may name a logger, a path and a source by a getter that throws: that error is the caller’s', () => {
    const error = refusalOf({
      get logger() {
        return thrower(new Error('mine'));
      },
    });
    expect(error.message).to.equal('mine');
  });

  it('of the broker is refused at the attempt to connect when its function gives no target', async () => {
    for (const [kind, value] of KINDS.filter(([name]) => !OBJECTS.includes(name) && !/array/.test(name))) {
      const logger = new Log();
      const executor = ProgramExecutor.create({
        databasePath: `${temporaryFolder()}/no-target.sqlite`,
        amqpUrl: () => value as string,
        logger,
      });
      await executor.createProgram({ jobs: ['a'] });
      const { data } = await logger.line('queue-error');
      expect(data['error_message'], kind).to.match(/^amqpUrl: /);
      await executor.close();
    }
  });
});

describeContract(
  'hostile worker options and libraries',
  (t) => {
    const refused = async (
      library: unknown,
      options: unknown,
      code: string,
      message: string,
      what: string,
    ) => {
      const error = await rejection(
        t.executor.processPrograms(library as JobLibrary, options as WorkerOptions),
      );
      expect(error, what).to.include({ code });
      expect(error.message, what).to.include(message);
    };

    it('are refused with their names, whatever wrong kind they have', async () => {
      for (const [option, taken] of Object.entries(TAKEN_OPTIONS))
        for (const [kind, value] of KINDS)
          if (!taken.includes(kind))
            await refused({}, { [option]: value }, 'PE_CONFIG', `options.${option}: expected`, kind);
      for (const [kind, value] of KINDS)
        if (!OBJECTS.includes(kind)) await refused({}, value, 'PE_CONFIG', 'options', kind);
      await refused({}, { concurency: 1 }, 'PE_CONFIG', 'options.concurency: unknown setting', 'misspelt');
    });

    it('are refused where a library or a job in it is of a wrong kind', async () => {
      const libraries = KINDS.filter(([kind]) => !OBJECTS.includes(kind) || kind === 'a Map');
      for (const [kind, value] of libraries) await refused(value, {}, 'PE_INVALID_JOB', 'job library', kind);
      await refused([defineJob({ name: 'a', execute })], {}, 'PE_INVALID_JOB', 'job library', 'a list');
      for (const [kind, value] of KINDS)
        await refused({ bad: value }, {}, 'PE_INVALID_JOB', 'Job bad: expected', kind);
    });

    it('are refused where a retry policy, a timeout or a schema is of a wrong kind', async () => {
      for (const field of RETRY)
        for (const [kind, value] of KINDS)
          if (!TAKEN_RETRY[field]!.includes(kind)) {
            const bad = { name: 'bad', execute, retry: { [field]: value } };
            await refused({ bad }, {}, 'PE_INVALID_JOB', `Job bad: retry.${field}: expected`, kind);
          }
      for (const [kind, value] of KINDS) {
        if (kind !== 'true' && !OBJECTS.includes(kind))
          await refused({ bad: { execute, retry: value } }, {}, 'PE_INVALID_JOB', 'Job bad: retry', kind);
        if (kind !== 'a fraction')
          await refused({ bad: { execute, timeoutMs: value } }, {}, 'PE_INVALID_JOB', 'timeoutMs must', kind);
        await refused({ bad: { execute, input: value } }, {}, 'PE_INVALID_JOB', 'Standard Schema', kind);
      }
    });

    it('are refused by stop and migrate, which then have done nothing', async () => {
      const worker = await t.work(job('a'));
      for (const [kind, value] of KINDS) {
        if (!['zero', 'a fraction'].includes(kind))
          expect(await rejection(worker.stop({ timeoutMs: value as number })), kind).to.include({
            key: 'options.timeoutMs',
          });
        if (kind !== 'true')
          expect(await rejection(t.executor.migrate({ dryRun: value as boolean })), kind).to.include({
            key: 'options.dryRun',
          });
      }
      expect((await t.run({ jobs: ['a'] })).finishedAt).to.be.a('date');
    });

    it('name tables as they are, also by the words and cases of SQL, and at their longest', async () => {
      for (const tableName of ['select', 'Order', 'a'.repeat(37)]) {
        await runOne(t.createExecutor({ tableName }));
        // Finds the table with its indexes complete.
        expect(await t.createExecutor({ tableName }).migrate({ dryRun: true })).to.deep.equal([]);
        for (const name of [tableName, `${tableName}_attempts`]) await t.knex.schema.dropTable(name);
      }
    });
  },
  withoutBroker,
);

/** Creates a program and runs it to its end, then lets go of the executor. */
async function runOne(executor: ProgramExecutor): Promise<void> {
  const worker = await executor.processPrograms(job('a', (_message, data) => data.set({ done: true })));
  const finished = new Promise<string>((resolve) =>
    executor.once('programFinished', (e) => resolve(e.runId)),
  );
  await executor.createProgram({ jobs: ['a'] });
  const program = await executor.getProgram(await finished);
  expect(program!.jobData).to.deep.equal({ a: { done: true } });
  await worker.stop();
  await executor.close();
}
