import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { testDatabases, urlOf, type TestDatabase } from '../support/databases.js';
import { crashDatabase } from '../support/servers/index.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { Scenario } from './harness/scenario.js';

const TAKE = {
  first: { kind: 'take', ms: 100 },
  second: { kind: 'take', ms: 100 },
  third: { kind: 'take', ms: 100 },
} as const;
const OUTAGE_MS = 3_000;

const servers = testDatabases().filter(({ server }) => server !== undefined);

describe('Faults: the database', function () {
  this.timeout(90_000);
  afterEach(() => Scenario.closeAll());

  it('may be away when programs are created: the caller hears of it, and may repeat the call', async () => {
    const { executor, knex, table } = await Scenario.open(sqlite());
    const program = { jobs: ['first'] };
    await knex.transaction(async (trx) => {
      await trx.raw('delete from ?? where false', [table]);
      const refused = await executor
        .createProgram(program, { runId: 'mine' })
        .catch((error: unknown) => error);
      expect(refused).to.include({ name: 'DatabaseUnavailableError', code: 'PE_DATABASE_UNAVAILABLE' });
    });
    expect(await executor.createProgram(program, { runId: 'mine' })).to.equal('mine');
    expect(await knex(table).count({ n: '*' })).to.deep.equal([{ n: 1 }]);
  });

  for (const database of servers.filter(({ kind }) => kind === 'postgres'))
    it(`may have all connections terminated again and again, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      await Promise.all([scenario.crew.start(), scenario.crew.start()]);
      await scenario.create(100, TAKE);
      for (const ended of [1, 20, 40, 60, 80]) {
        await scenario.ended(ended);
        expect(await terminateOurs(scenario)).to.be.at.least(2);
      }
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });

  for (const database of servers) {
    it(`may crash while programs run, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      await Promise.all([scenario.crew.start(), scenario.crew.start()]);
      await scenario.create(60, TAKE);
      await scenario.ended(5);
      await crashDatabase(serverOf(database));
      await scenario.create(10, TAKE);
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    it(`may be away for 3 s while jobs end: that is recorded afterwards, on ${database.name}`, async () => {
      const proxy = await TcpProxy.start(urlOf(database));
      try {
        const options = { leaseMs: 60_000, concurrency: 10 };
        const scenario = await Scenario.open(database, { workersDatabaseUrl: proxy.url, options });
        const worker = await scenario.crew.start({ isGateOpen: false });
        const runIds = await scenario.create(10, { second: { kind: 'hold' } });
        await Promise.all(runIds.map((runId) => worker.seen('entered', { runId, count: 2 })));
        await proxy.refuse();
        worker.openGate();
        await delay(OUTAGE_MS);
        expect(worker.reports('jobFinished')).to.have.lengthOf(10);
        await proxy.resume();
        await scenario.ended();
        expect(worker.reports('entered')).to.have.lengthOf(30);
        expect(await scenario.verdict()).to.deep.equal([]);
      } finally {
        await Scenario.closeAll();
        await proxy.close();
      }
    });
  }
});

function sqlite(): TestDatabase {
  const found = testDatabases().find(({ kind }) => kind === 'sqlite');
  if (!found) throw new Error('There is no SQLite');
  return found;
}

/** Resolves with how many connections were ended. */
async function terminateOurs({ knex, table }: Scenario): Promise<number> {
  const { rowCount } = await knex.raw<{ rowCount: number }>(
    'select pg_terminate_backend(pid) from pg_stat_activity where application_name = ?',
    [table],
  );
  return rowCount;
}

function serverOf({ name, server }: TestDatabase) {
  if (!server) throw new Error(`${name} has no server`);
  return server;
}
