import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { sqliteDatabases } from '../../support/databases.js';
import { Scenario } from '../harness/scenario.js';

const PROGRAMS = 10;
const BUSY_MS = 3_000;

describe('Faults: recording, the SQLite file', function () {
  this.timeout(60_000);
  afterEach(() => Scenario.closeAll());

  for (const database of sqliteDatabases())
    for (const [lease, leaseMs] of [
      ['less', 60_000],
      ['more', 2_000],
    ] as const)
      it(`busy for ${lease} than a lease: everything is written afterwards, on ${database.name}`, async () => {
        const scenario = await Scenario.open(database, { options: { leaseMs, concurrency: PROGRAMS } });
        const worker = await scenario.crew.start({ isGateOpen: false });
        const runIds = await scenario.create(PROGRAMS, { second: { kind: 'hold' } });
        await Promise.all(runIds.map((runId) => worker.seen('entered', { runId, count: 2 })));
        const creating = await whileLocked(scenario, async () => {
          worker.openGate();
          const created = scenario.create(PROGRAMS);
          await delay(BUSY_MS);
          return { created };
        });
        await creating.created;
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        if (lease === 'less') expect(worker.reports('leaseLost')).to.deep.equal([]);
      });
});

/** Keeps every other connection from writing until `work` is over. */
async function whileLocked<T>(scenario: Scenario, work: () => Promise<T>): Promise<T> {
  scenario.struck();
  await scenario.knex.raw('begin immediate');
  try {
    return await work();
  } finally {
    await scenario.knex.raw('rollback');
  }
}
