import { expect } from 'chai';
import type { Knex } from 'knex';
import { ProgramExecutor, RetryableError, type ExecutorConfig } from '../../index.js';
import { describeContract, job, rejection, withoutBroker } from '../contract/harness.js';
import { Log } from '../support/log.js';
import { amqpUrl } from '../support/brokers.js';
import { testDatabases } from '../support/databases.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { thrower } from './hostile-values.js';

/** With what knex and drivers put around statements and values, so that cutting a message in two does not hide it. */
const MARKER = 'marker-of-a-secret';
const SECRET = `${MARKER} - ${MARKER}`;
const secret = { card: SECRET };

/** Everything that could be printed of an error: its own words, and those of its causes. */
function wordsOf(error: any): string {
  const cause = error?.cause === undefined ? '' : wordsOf(error.cause);
  return `${String(error?.message)}\n${String(error?.stack)}\n${cause}`;
}

/** What the process prints while `work` runs. */
async function printedBy(work: () => Promise<void>): Promise<string> {
  const printed: string[] = [];
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write.bind(stream));
  for (const stream of streams) stream.write = (text: unknown) => Boolean(printed.push(String(text)));
  try {
    await work();
  } finally {
    streams.forEach((stream, index) => (stream.write = writes[index]!));
  }
  return printed.join('');
}

describeContract(
  'secrets',
  (t) => {
    const expectSilence = (): void => {
      expect(JSON.stringify(t.log.items)).to.not.include(MARKER);
    };

    it('of payloads, job data and results are in no line, whatever becomes of the jobs', async () => {
      await t.work({
        ...job('works', async ({ programData }, data) => {
          await data.set(programData);
          return { ...programData, large: SECRET.repeat(20_000) };
        }),
        ...job('retries', (_message, _data, { attempt }) => {
          const fields = { config: secret, response: { data: secret }, sql: SECRET };
          if (attempt === 1)
            throw Object.assign(new RetryableError('later', 503, { retryAfterMs: 0 }), fields);
        }),
        ...job('fails', ({ programData }) =>
          thrower(
            Object.assign(new Error('mine'), { programData, cause: Object.assign(new Error('why'), secret) }),
          ),
        ),
      });
      const printed = await printedBy(async () => {
        const jobData = { works: secret };
        await t.run({ jobs: ['works', 'retries', 'fails'], programData: secret, jobData });
        await t.executor.cancelProgram(await t.create({ jobs: ['unknown'], programData: secret }));
        await rejection(
          t.create({ jobs: ['a'], programData: { [MARKER]: '\u0000' }, jobData: { a: [SECRET] } }),
        );
      });
      expect(t.log.count('Consumer error finish')).to.equal(1);
      expect(t.log.count('result-dropped')).to.equal(1);
      expectSilence();
      expect(printed).to.not.include(MARKER);
    });

    it('of programs are in no line and no error when their statements fail', async () => {
      const executor = t.createExecutor({ knex: { ...(t.knex.client.config as Knex.Config) } });
      await executor.getProgram('none');
      await t.knex.schema.alterTable(t.table, (table) => table.dropColumn('updated_at'));
      const printed = await printedBy(async () => {
        const program = { jobs: ['a'], programData: secret, jobData: { a: secret } };
        const errors = [
          await rejection(executor.createProgram(program, { runId: 'mine' })),
          await rejection(executor.createPrograms([program, program])),
          await rejection(executor.getProgram('mine')),
        ];
        for (const error of errors) expect(wordsOf(error)).to.not.include(MARKER);
      });
      expect(printed).to.not.include(MARKER);
      expectSilence();
    });
  },
  withoutBroker,
);

describe('secrets in URLs', () => {
  /** Creates a program as far as that goes; resolves with all that was logged, emitted and thrown. */
  async function wordsOfTrying(config: ExecutorConfig, logged = ''): Promise<string> {
    const log = new Log();
    const words: string[] = [];
    const executor = ProgramExecutor.create({ logger: log, ...config });
    executor.on('dispatchFailed', ({ error }) => words.push(wordsOf(error)));
    executor.on('brokerDisconnected', ({ error }) => words.push(wordsOf(error)));
    await executor.createProgram({ jobs: ['a'] }).catch((error: unknown) => words.push(wordsOf(error)));
    if (logged) await log.line(logged);
    await executor.close();
    return [...words, JSON.stringify(log.items)].join('\n');
  }

  const login = (url: string): string => {
    const parsed = new URL(url);
    parsed.password = MARKER;
    return parsed.href;
  };
  const databasePath = (): string => `${temporaryFolder()}/secrets.sqlite`;

  it('of brokers that refuse the connection or the password are in no line, event or error', async () => {
    const refused = { amqpUrl: `amqp://user:${MARKER}@127.0.0.1:1`, databasePath: databasePath() };
    const words = await wordsOfTrying(refused, 'queue-error');
    expect(words).to.include('ECONNREFUSED').and.not.include(MARKER);
    const denied = await wordsOfTrying(
      { amqpUrl: login(amqpUrl()), databasePath: databasePath() },
      'queue-error',
    );
    expect(denied).to.include('ACCESS').and.not.include(MARKER);
    const parts = { hostname: '127.0.0.1', port: 1, username: 'user', password: MARKER };
    expect(
      await wordsOfTrying({ amqpUrl: parts, databasePath: databasePath() }, 'queue-error'),
    ).to.not.include(MARKER);
  });

  for (const { name, kind, createKnexConfig } of testDatabases().filter((database) => database.server))
    it(`of ${name} that refuses the password are in no line and no error`, async () => {
      const url = login(createKnexConfig().connection as string);
      const words = await wordsOfTrying({ knex: url });
      expect(words)
        .to.match(kind === 'mysql' ? /denied/ : /authentication|password/)
        .and.not.include(MARKER);
    });

  it('of databases that refuse the connection are in no line, no error and nothing printed', async () => {
    const urls = ['postgres', 'mysql'].map((scheme) => `${scheme}://user:${MARKER}@127.0.0.1:1/db`);
    const printed = await printedBy(async () => {
      for (const words of await Promise.all(urls.map((knex) => wordsOfTrying({ knex }))))
        expect(words).to.include('did not answer').and.not.include(MARKER);
    });
    expect(printed).to.not.include(MARKER);
  }).timeout(40_000);
});
