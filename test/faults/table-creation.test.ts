import { expect } from 'chai';
import { ProgramExecutor } from '../../index.js';
import { rejection } from '../contract/harness.js';
import { testDatabases, urlOf, type TestDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { silentLogger } from '../support/silent-logger.js';
import { withProxy } from '../support/with-proxy.js';
import { atOnce } from './harness/at-once.js';
import { Scenario } from './harness/scenario.js';

const PROCESSES = 20;

describe('Faults: the table is created by many at once', function () {
  this.timeout(90_000);
  afterEach(() => Scenario.closeAll());

  for (const database of testDatabases())
    it(`${PROCESSES} processes start on an empty database and all run programs, on ${database.name}`, async () => {
      const scenario = new Scenario(database, { options: { concurrency: 1, leaseMs: 60_000 } });
      const { crew } = scenario;
      const preparing = Array.from({ length: PROCESSES }, () => crew.prepare({ isGateOpen: false }));
      const workers = await Promise.all(preparing);
      await Promise.all(workers.map((worker) => worker.go()));
      await eventually('audited', () => scenario.audit().then(() => true));
      await scenario.create(PROCESSES, { first: { kind: 'hold' } });
      await Promise.all(workers.map((worker) => worker.seen('entered')));
      for (const worker of workers) worker.openGate();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });
});

describe('Faults: a database says nothing while its tables are looked at', function () {
  this.timeout(60_000);
  const servers = testDatabases().filter(({ server }) => server !== undefined);
  const refused = atOnce(servers, migrateUnheard);

  for (const database of servers)
    it(`migrate rejects with DatabaseUnavailableError, and finds another connection when called again, on ${database.name}`, async () => {
      expect(await refused(database)).to.include({ first: 'DatabaseUnavailableError', second: 0 });
    });
});

/** What becomes of two calls of `migrate`, the first of which asks on a connection that is half-open. */
async function migrateUnheard(database: TestDatabase): Promise<{ first: string; second: number }> {
  return withProxy(urlOf(database), async (proxy) => {
    const config = { knex: proxy.url, tableName: database.uniqueTable(), logger: silentLogger };
    const executor = ProgramExecutor.create(config);
    await executor.migrate();
    proxy.sever();
    const { name: first } = await rejection(executor.migrate());
    const { length: second } = await executor.migrate();
    await executor.close();
    return { first, second };
  });
}
