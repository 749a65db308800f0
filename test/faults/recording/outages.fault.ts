import { expect } from 'chai';
import { testDatabases, urlOf, type TestDatabase } from '../../support/databases.js';
import { startDatabase, stopDatabase, type DatabaseServer } from '../../support/servers/control.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { eventually } from '../../support/eventually.js';
import { closeAll } from '../harness/close-all.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario, type ScenarioOptions } from '../harness/scenario.js';

const HOLD = { second: { kind: 'hold' } } as const;
const PROGRAMS = 5;

describe('Faults: recording, the database is away', function () {
  this.timeout(60_000);
  afterEach(closeAll);

  for (const database of testDatabases()) {
    const { server } = database;
    if (!server) continue;

    it(`database down for less than a lease: what ended meanwhile is recorded, nothing is run again, on ${database.name}`, async () => {
      const { scenario, worker, runIds } = await running(database, { options: { leaseMs: 60_000 } });
      await whileDown(server, scenario, () => {
        worker.openGate();
        return Promise.resolve();
      });
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(scenario.crew.reports('entered')).to.have.lengthOf(3 * runIds.length);
    });

    it(`database down for more than a lease: its worker lets go in time, and any worker goes on, on ${database.name}`, async () => {
      const { scenario, worker } = await running(database, { broker: true });
      await scenario.crew.start();
      await whileDown(server, scenario, () => worker.seen('leaseLost', { count: PROGRAMS }));
      worker.openGate();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    it(`half-open for a while: another worker takes over, the silent one writes nothing later, on ${database.name}`, async () => {
      const proxy = await TcpProxy.start(urlOf(database));
      try {
        const { scenario, worker } = await running(database, { workersDatabaseUrl: proxy.url });
        proxy.blackhole();
        scenario.struck();
        await worker.seen('leaseLost', { count: PROGRAMS });
        worker.openGate();
        (await OwnWorker.start(scenario)).openGate();
        await scenario.ended();
        await proxy.resume();
        await scenario.create(PROGRAMS);
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        expect(await worker.stop()).to.equal(0);
      } finally {
        await closeAll();
        await proxy.close();
      }
    });

    it(`half-open for ever: another worker takes over, the silent one stops when asked to, on ${database.name}`, async () => {
      const proxy = await TcpProxy.start(urlOf(database));
      try {
        const { scenario, worker } = await running(database, { workersDatabaseUrl: proxy.url });
        const untilMs = await lastLeaseEnd(scenario);
        await eventually('leases are renewed, too', async () => (await lastLeaseEnd(scenario)) > untilMs);
        proxy.sever();
        scenario.struck();
        await worker.seen('leaseLost', { count: PROGRAMS });
        worker.openGate();
        (await OwnWorker.start(scenario)).openGate();
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        expect(await worker.stop()).to.equal(0);
      } finally {
        await closeAll();
        await proxy.close();
      }
    });
  }
});

async function lastLeaseEnd({ knex, table }: Scenario): Promise<number> {
  const row = await knex(table).max<{ last: unknown }>('claimed_until as last').first();
  return Number(row?.last);
}

/** A worker that runs the second jobs of all programs, which wait for its gate. */
async function running(database: TestDatabase, options: ScenarioOptions) {
  const scenario = await Scenario.open(database, options);
  const worker = await scenario.crew.start({ isGateOpen: false, graceMs: 1_000 });
  const runIds = await scenario.create(PROGRAMS, HOLD);
  await Promise.all(runIds.map((runId) => worker.seen('entered', { runId, count: 2 })));
  return { scenario, worker, runIds };
}

async function whileDown(
  server: DatabaseServer,
  scenario: Scenario,
  work: () => Promise<unknown>,
): Promise<void> {
  scenario.struck();
  await stopDatabase(server);
  try {
    await work();
  } finally {
    await startDatabase(server);
  }
}
