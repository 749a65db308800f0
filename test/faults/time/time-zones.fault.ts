import knexPackage from 'knex';
import { expect } from 'chai';
import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { atOnce } from '../harness/at-once.js';
import { withClock } from '../harness/clocks.js';
import { ShiftedPostgres } from '../harness/database-clock.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import type { WorkerSpec } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';
import { createTimed, expectInTime } from '../harness/timed-programs.js';

const LEASE_MS = 8_000;
const OPTIONS = { options: { leaseMs: LEASE_MS, concurrency: 3 } };
/** Name, and the same as an offset. */
const ZONES = [
  ['Pacific/Tongatapu', '+13:00'],
  ['Australia/Eucla', '+08:45'],
  ['Pacific/Marquesas', '-09:30'],
] as const;
/** Of Europe/Berlin: an hour that is left out, and one that comes twice. */
const CHANGES = {
  spring: { atMs: Date.UTC(2026, 2, 29, 1), offsets: ['+01:00', '+02:00'] },
  autumn: { atMs: Date.UTC(2026, 9, 25, 1), offsets: ['+02:00', '+01:00'] },
} as const satisfies Record<string, { atMs: number; offsets: readonly [string, string] }>;
/** How long before the change programs begin. */
const LEAD_MS = 4_000;

const shifted: ShiftedPostgres[] = [];

/** Three workers that live in other places, and so do their sessions on the server. */
async function runInThreeZones(mode: Mode) {
  const scenario = await openIn(mode, OPTIONS);
  const workers = [];
  for (const zone of ZONES) {
    await beInZone(mode.database, zone[1]);
    workers.push(await scenario.crew.start({ ...withClock(0, zone[0]), ...sessionsIn(scenario, zone[0]) }));
  }
  const programs = await createTimed(scenario, 1.25 * LEASE_MS);
  await scenario.ended();
  return { scenario, workers, programs };
}

/** PostgreSQL's sessions get their time zone with the connection; MariaDB's get that of the server at that moment. */
function sessionsIn({ crew }: Scenario, zone: string): Pick<WorkerSpec, 'config'> {
  const { config } = crew.defaults;
  if (config.knex?.client !== 'pg') return { config };
  const url = new URL(config.knex.connection);
  url.searchParams.set('options', `-c TimeZone=${zone}`);
  return { config: { ...config, knex: { ...config.knex, connection: url.href } } };
}

/** New sessions of a MySQL server begin in this time zone. */
async function beInZone(database: TestDatabase, offset: string): Promise<void> {
  if (database.kind !== 'mysql') return;
  const knex = knexPackage(database.createKnexConfig());
  await knex.raw('set global time_zone = ?', [offset]);
  await knex.destroy();
}

/** Clocks go through the change while programs wait, run and are retried. */
async function runThroughChange(database: TestDatabase, atMs: number, offsets: readonly [string, string]) {
  const shiftMs = atMs - LEAD_MS - Date.now();
  await beInZone(database, offsets[0]);
  const scenario = await openAt(database, shiftMs);
  await Promise.all([1, 2].map(() => scenario.crew.start(withClock(shiftMs, 'Europe/Berlin'))));
  const programs = await createTimed(scenario, 1.25 * LEASE_MS);
  await beInZone(database, offsets[1]);
  await scenario.crew.start(withClock(shiftMs, 'Europe/Berlin'));
  await scenario.ended();
  return { scenario, programs };
}

async function openAt(database: TestDatabase, shiftMs: number): Promise<Scenario> {
  if (database.kind !== 'postgres') return Scenario.open(database, OPTIONS);
  const clock = await ShiftedPostgres.open(database, shiftMs, 'Europe/Berlin');
  shifted.push(clock);
  return Scenario.open(clock.database, { ...OPTIONS, broker: true });
}

describe('Faults, time: time zones', function () {
  this.timeout(90_000);
  after(async () => {
    await Scenario.closeAll();
    for (const clock of shifted) await clock.close();
    for (const database of testDatabases()) await beInZone(database, 'SYSTEM');
  });
  const all = modes();

  describe('of workers and of their sessions', () => {
    const ran = atOnce(all, runInThreeZones);
    for (const mode of all)
      it(`three time zones at once: nothing is early, late or taken over, on ${mode.name}`, async () => {
        const { scenario, workers, programs } = await ran(mode);
        const loaded = workers.flatMap((worker) => worker.reports('loaded'));
        expect(loaded.map(({ clock }) => clock?.timeZone)).to.deep.equal(ZONES.map(([name]) => name));
        await expectInTime(scenario, programs);
        expect(await scenario.verdict()).to.deep.equal([]);
      });
  });

  for (const [change, { atMs, offsets }] of Object.entries(CHANGES))
    describe(`of Europe/Berlin in ${change}`, () => {
      const ran = atOnce(all, ({ database }) => runThroughChange(database, atMs, offsets));
      for (const mode of all)
        it(`DST change in ${change}: nothing is early, late or taken over, on ${mode.name}`, async () => {
          const { scenario, programs } = await ran(mode);
          await expectInTime(scenario, programs);
          expect(await scenario.verdict()).to.deep.equal([]);
        });
    });
});
