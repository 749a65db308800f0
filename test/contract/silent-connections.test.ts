import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { ProgramExecutor } from '../../index.js';
import { withoutStatement } from '../../src/program-handler/database-faults.js';
import { atOnce } from '../faults/harness/at-once.js';
import { testDatabases, urlOf, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { QUIET } from '../support/quiet-knex.js';
import { silentLogger } from '../support/silent-logger.js';
import type { TcpProxy } from '../support/tcp-proxy.js';
import { withProxy } from '../support/with-proxy.js';
import { job, rejection } from './harness.js';

const servers = testDatabases().filter(({ server }) => server !== undefined);

/** An executor on a pool of one connection, through a proxy. */
interface Subject {
  readonly database: TestDatabase;
  readonly proxy: TcpProxy;
  readonly knex: Knex;
  readonly executor: ProgramExecutor;
  readonly table: string;
}

async function withSubject<T>(database: TestDatabase, work: (subject: Subject) => Promise<T>): Promise<T> {
  return withProxy(urlOf(database), async (proxy) => {
    const { client } = database.createKnexConfig() as { client: string };
    const knex = knexPackage({ ...QUIET, client, connection: proxy.url, pool: { min: 0, max: 1 } });
    const table = database.uniqueTable();
    const executor = ProgramExecutor.create({ knex, tableName: table, logger: silentLogger });
    try {
      await executor.migrate();
      return await work({ database, proxy, knex, executor, table });
    } finally {
      await executor.close();
      await knex.destroy();
    }
  });
}

interface Call {
  readonly database: TestDatabase;
  readonly title: string;
  run(executor: ProgramExecutor): Promise<unknown>;
}

const calls: Call[] = servers.flatMap((database) => [
  { database, title: 'a read', run: (executor) => executor.getProgram('a') },
  { database, title: 'a transaction', run: (executor) => executor.pause() },
  {
    database,
    title: 'a creation with a key',
    run: (executor) => executor.createProgram({ jobs: [], idempotencyKey: 'k' }),
  },
]);

describe('a pool whose only connection is half-open', function () {
  this.timeout(90_000);

  const made = atOnce(calls, ({ database, run }) =>
    withSubject(database, async ({ proxy, executor }) => {
      proxy.sever();
      const { name } = await rejection(run(executor));
      await run(executor);
      return String(name);
    }),
  );

  for (const call of calls)
    it(`is not blocked by ${call.title}: that fails, and the next has a connection, on ${call.database.name}`, async () => {
      expect(await made(call)).to.equal('DatabaseUnavailableError');
    });
});

interface Step {
  readonly database: TestDatabase;
  readonly title: string;
  /** The statement at which `strike` is called, once. */
  readonly at: RegExp;
  strike(subject: Subject): void;
  /** What the job does in its transaction. */
  readonly own: string;
  readonly expected: object;
}

const FINISHED = { calls: 1, isFinished: true, error: null };
const LOST = { calls: 1, isFinished: false, error: 'The connection is lost: no answer for 20000 ms' };

const falls = ({ proxy }: Subject): void => proxy.sever();

/** Only the answer to COMMIT is lost. */
function answerIsLost({ proxy, database, table }: Subject): void {
  proxy.lose('server');
  const others = knexPackage({ ...QUIET, ...database.createKnexConfig() });
  void eventually('committed', async () => others(table).whereNotNull('finished_at').first('id'))
    .finally(() => others.destroy())
    .then(() => proxy.resume());
}

const steps: Step[] = servers.flatMap((database) => {
  const silent = { database, strike: falls, own: 'select 1' };
  return [
    { ...silent, title: 'BEGIN: it is begun on another connection', at: /^BEGIN/, expected: FINISHED },
    {
      ...silent,
      title: 'its own mark: it is begun on another connection',
      at: /^savepoint/,
      expected: FINISHED,
    },
    { ...silent, title: 'what records it: it is not complete', at: /^release/, expected: LOST },
    { ...silent, title: 'COMMIT: it is not complete', at: /^COMMIT/, expected: LOST },
    {
      ...silent,
      title: 'COMMIT, which was done: it is complete',
      at: /^COMMIT/,
      strike: answerIsLost,
      expected: FINISHED,
    },
    {
      ...silent,
      title: 'a statement of the job, which takes as long as that: it is complete',
      at: /^$/,
      own: database.kind === 'postgres' ? 'select pg_sleep(22)' : 'select sleep(22)',
      expected: FINISHED,
    },
  ];
});

describe('a step with its own transaction, with no answer for 20 s', function () {
  this.timeout(120_000);

  const ended = atOnce(steps, (step) => withSubject(step.database, (subject) => runStep(step, subject)));

  for (const step of steps)
    it(`to ${step.title}, on ${step.database.name}`, async () => {
      expect(await ended(step)).to.deep.equal(step.expected);
    });
});

/** What becomes of a program with such a step. */
async function runStep({ at, strike, own }: Step, subject: Subject): Promise<object> {
  const { knex, executor, table, database, proxy } = subject;
  let isArmed = false;
  let calls = 0;
  knex.on('query', ({ sql }: { sql: string }) => {
    if (!isArmed || !at.test(sql)) return;
    isArmed = false;
    strike(subject);
  });
  const library = job('pay', (_message, _jobData, { transaction }) => {
    isArmed = true;
    const done = transaction(async (trx) => {
      calls += 1;
      await trx.raw(own);
    });
    // Later the server notices as well, and gives up what it has locked.
    return done.finally(() => proxy.resume());
  });
  const end = new Promise<void>((resolve) => {
    executor.on('programFinished', () => resolve());
    executor.on('programError', () => resolve());
  });
  const worker = await executor.processPrograms(library, { leaseMs: 300_000 });
  const runId = await executor.createProgram({ jobs: ['pay'] });
  await end;
  await worker.stop({ timeoutMs: 0 });
  const others = knexPackage({ ...QUIET, ...database.createKnexConfig() });
  const row = await others(table).where({ run_id: runId }).first();
  await others.destroy();
  const { finished_at: finishedAt, error_message: message } = row;
  return { calls, isFinished: finishedAt !== null, error: message && withoutStatement(message) };
}
