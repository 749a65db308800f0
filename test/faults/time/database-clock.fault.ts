import { expect } from 'chai';
import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { atOnce } from '../harness/at-once.js';
import { HOUR_MS } from '../harness/clocks.js';
import { relativeClock, ShiftedPostgres, type DatabaseClock } from '../harness/database-clock.js';
import { startHeir } from '../harness/heir.js';
import { JOBS } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

/** So long that nothing but the jump ends a lease. */
const LEASE_MS = 600_000;
const OPTIONS = { options: { leaseMs: LEASE_MS } };
const opened: ShiftedPostgres[] = [];

async function openWithClock(database: TestDatabase): Promise<{ scenario: Scenario; clock: DatabaseClock }> {
  if (database.kind !== 'postgres') {
    const scenario = await Scenario.open(database, OPTIONS);
    return { scenario, clock: relativeClock(scenario) };
  }
  const clock = await ShiftedPostgres.open(database);
  opened.push(clock);
  return { scenario: await Scenario.open(clock.database, { ...OPTIONS, broker: true }), clock };
}

/** Every lease seems to be over, though its worker lives; the worker is frozen, so that it cannot renew them. */
async function jumpAhead(database: TestDatabase) {
  const { scenario, clock } = await openWithClock(database);
  const zombie = await scenario.crew.start({ isGateOpen: false });
  const runIds = await scenario.create(3, { second: { kind: 'holdDeaf' } });
  await Promise.all(runIds.map((runId) => zombie.seen('entered', { runId, count: 2 })));
  zombie.freeze();
  await clock.jump(HOUR_MS);
  scenario.struck();
  await startHeir(scenario);
  await scenario.ended();
  zombie.openGate();
  zombie.thaw();
  await zombie.seen('leaseLost', { count: 3 });
  return scenario;
}

/** What is due seems to be due in an hour; who runs already goes on, and so does who comes later. */
async function jumpBack(database: TestDatabase) {
  const { scenario, clock } = await openWithClock(database);
  const worker = await scenario.crew.start({ isGateOpen: false });
  const running = await scenario.create(3, { second: { kind: 'hold' } });
  await Promise.all(running.map((runId) => worker.seen('entered', { runId, count: 2 })));
  const delayed = await scenario.executor.createProgram({ jobs: [...JOBS] }, { runAfter: 60_000 });
  await clock.jump(-HOUR_MS);
  worker.openGate();
  await scenario.create(3);
  await scenario.ended(6);
  const early = worker.reports('entered', delayed).length;
  scenario.expectEnd(delayed, 'finished');
  await clock.jump(HOUR_MS + 60_000);
  scenario.struck();
  await scenario.ended();
  return { scenario, early };
}

describe("Faults, time: the database's clock jumps", function () {
  this.timeout(90_000);
  after(async () => {
    await Scenario.closeAll();
    for (const clock of opened) await clock.close();
  });
  const all = testDatabases();
  const ahead = atOnce(all, jumpAhead);
  const back = atOnce(all, jumpBack);

  for (const database of all) {
    it(`database clock jump of +1 h: what ran is taken over, its worker is fenced off, on ${database.name}`, async () => {
      const scenario = await ahead(database);
      expect(await scenario.verdict()).to.deep.equal([]);
      const losses = (await scenario.versions()).map((version) => version.losses);
      expect(Math.max(...losses)).to.equal(1);
    });

    it(`database clock jump of -1 h and back: what waits is late, what runs or comes is not, on ${database.name}`, async () => {
      const { scenario, early } = await back(database);
      expect(early).to.equal(0);
      expect(await scenario.verdict()).to.deep.equal([]);
      for (const { losses } of await scenario.versions()) expect(losses).to.equal(0);
    });
  }
});
