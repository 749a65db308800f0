import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import knexPackage from 'knex';
import { defineJob } from '../../../index.js';
import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { dropTablespace, isAtHand, mountFor, moveAttempts } from '../harness/attempts-on-disk.js';
import { closeAll } from '../harness/close-all.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario } from '../harness/scenario.js';
import type { SmallDisk } from '../harness/small-disk.js';

const PROGRAMS = 60;
const DISK_FULL = /^(53100|ER_RECORD_FILE_FULL|ER_DISK_FULL|SQLITE_FULL|SQLITE_IOERR)/;

/**
 * What a job returns is kept with its attempt: all together it fits into no page that is there already, and each
 * alone into one (where it does not, a full disk makes MariaDB 10.11 abort).
 */
const bulky = defineJob({ name: 'second', execute: () => randomBytes(5_000).toString('base64') });

describe('Faults: recording, the disk', function () {
  this.timeout(60_000);
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  for (const database of testDatabases().filter(isAtHand))
    it(`disk full and freed again: steps are recorded then, no job is run again, on ${database.name}`, async () => {
      const disk = await mountFor(database, 32);
      undo.push(() => disk.unmount());
      const scenario = await openOn(disk, database);
      undo.push(
        () => dropTablespaceOf(scenario, database),
        closeAll,
        () => disk.free(),
      );
      const worker = await OwnWorker.start(scenario, {
        jobs: { second: bulky },
        options: { concurrency: PROGRAMS },
      });
      const runIds = await scenario.create(PROGRAMS, { first: { kind: 'hold' } });
      await Promise.all(runIds.map((runId) => worker.entered('first', runId)));
      disk.fill();
      scenario.struck();
      worker.openGate();
      await worker.failed('database-error', DISK_FULL, 2);
      await disk.free();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(worker.repeated()).to.deep.equal([]);
    });
});

/** A scenario whose attempts, or whose whole file, are on that disk. */
async function openOn({ path }: SmallDisk, database: TestDatabase): Promise<Scenario> {
  if (database.kind === 'sqlite') return Scenario.open(inFolder(path, database));
  const scenario = await Scenario.open(database);
  await moveAttempts(scenario.knex, database, { table: scenario.table, path });
  return scenario;
}

/** On a connection of its own, as the scenario is closed by then. */
async function dropTablespaceOf({ table }: Scenario, database: TestDatabase): Promise<void> {
  const knex = knexPackage(database.createKnexConfig());
  await dropTablespace(knex, database, table);
  await knex.destroy();
}

function inFolder(folder: string, database: TestDatabase): TestDatabase {
  const connection = { filename: join(folder, 'programs.sqlite') };
  return { ...database, createKnexConfig: () => ({ ...database.createKnexConfig(), connection }) };
}
