import { expect } from 'chai';
import type { Knex } from 'knex';
import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { serverKind, terminate, waitingConnection } from '../harness/lock-waits.js';
import { closeAll } from '../harness/close-all.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario } from '../harness/scenario.js';

const PROGRAMS = 10;

const CODES = {
  postgres: { terminated: /^57P01/, deadlock: /^40P01/, timeout: /^55P03/ },
  mysql: {
    terminated: /^(PROTOCOL_CONNECTION_LOST|ER_CONNECTION_KILLED)/,
    deadlock: /^ER_LOCK_DEADLOCK/,
    timeout: /^ER_LOCK_WAIT_TIMEOUT/,
  },
};
const SETTINGS = {
  postgres: { shortWait: `set lock_timeout = '300ms'`, deadlock: `set deadlock_timeout = '2s'` },
  mysql: { shortWait: 'set innodb_lock_wait_timeout = 1', deadlock: 'select 1' },
};
const ATTEMPT = {
  program_id: 0,
  step: 0,
  job: 'none',
  attempt: 1,
  outcome: 'none',
  worker: 'none',
  started_at: 0,
  finished_at: 0,
};

describe('Faults: recording, a statement fails', function () {
  this.timeout(60_000);
  afterEach(closeAll);

  for (const database of testDatabases().filter(({ server }) => server !== undefined)) {
    const kind = serverKind(database);
    const codes = CODES[kind];

    it(`connection terminated in mid-statement: the group is written on another one, on ${database.name}`, async () => {
      const { scenario, worker, blocker } = await groupThatWaits(database);
      try {
        const victim = await waitingConnection(scenario, database);
        scenario.struck();
        await terminate(scenario, database, victim);
        await worker.failed('database-error', codes.terminated);
      } finally {
        await blocker.rollback();
      }
      await endsWell(scenario, worker);
    });

    it(`deadlock with a transaction of somebody else: the group is written again, on ${database.name}`, async () => {
      const { scenario, worker, blocker } = await groupThatWaits(database, SETTINGS[kind].deadlock);
      try {
        await winDeadlock(blocker, database, scenario.table);
        await waitingConnection(scenario, database);
        scenario.struck();
        await blocker(scenario.table)
          .whereIn('id', await lockedByOthers(blocker, scenario))
          .forUpdate()
          .select('id');
        await worker.failed('database-error', codes.deadlock);
      } finally {
        await blocker.rollback();
      }
      await endsWell(scenario, worker);
    });

    it(`busy, a row is locked for longer than the server lets wait: the group is written later, on ${database.name}`, async () => {
      const { scenario, worker, blocker } = await groupThatWaits(database, SETTINGS[kind].shortWait);
      try {
        scenario.struck();
        await worker.failed('database-error', codes.timeout);
      } finally {
        await blocker.rollback();
      }
      await endsWell(scenario, worker);
    });
  }
});

/** Programs whose second jobs end together, while a transaction of the test holds the row of one of them. */
async function groupThatWaits(database: TestDatabase, setting = 'select 1') {
  const scenario = await Scenario.open(database);
  const pool = { min: 0, max: 5, afterCreate: running(setting) };
  const worker = await OwnWorker.start(scenario, { knex: { pool } });
  const runIds = await worker.holding(PROGRAMS);
  const blocker = await scenario.knex.transaction();
  await blocker(scenario.table)
    .where('run_id', runIds[PROGRAMS / 2])
    .forUpdate()
    .select('id');
  worker.openGate();
  return { scenario, worker, blocker };
}

/** Every program has ended, and each of its jobs was run once. */
async function endsWell(scenario: Scenario, worker: OwnWorker): Promise<void> {
  await scenario.ended();
  expect(await scenario.verdict()).to.deep.equal([]);
  expect(worker.repeated()).to.deep.equal([]);
}

/** Makes the other one fail: PostgreSQL chooses who waits for less long, MariaDB who has written less. */
async function winDeadlock(blocker: Knex.Transaction, { kind }: TestDatabase, table: string): Promise<void> {
  if (kind === 'postgres') await blocker.raw(`set local deadlock_timeout = '60s'`);
  else await blocker(`${table}_attempts`).insert(Array(200).fill(ATTEMPT));
}

/** The rows that a statement which waits has locked by now. */
async function lockedByOthers(blocker: Knex.Transaction, { table }: Scenario): Promise<number[]> {
  const all = (await blocker(table).pluck('id')) as number[];
  const free = (await blocker(table).forUpdate().skipLocked().pluck('id')) as number[];
  return all.filter((id) => !free.includes(id));
}

type Done = (error: unknown, connection: unknown) => void;

/** Runs a statement on every connection of a pool. */
function running(statement: string) {
  return (connection: { query(text: string, done: (error: unknown) => void): void }, done: Done) =>
    connection.query(statement, (error) => done(error, connection));
}
