import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect } from 'chai';
import knexPackage from 'knex';
import { defineJob } from '../../../index.js';
import { testDatabases, type TestDatabase } from '../../support/databases.js';
import { fromEnvironment } from '../../support/servers/description.js';
import { closeAll } from '../harness/close-all.js';
import { serverKind } from '../harness/lock-waits.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario } from '../harness/scenario.js';
import { SmallDisk } from '../harness/small-disk.js';

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

  for (const database of testDatabases().filter((database) => !database.server || localServer(database)))
    it(`disk full and freed again: steps are recorded then, no job is run again, on ${database.name}`, async () => {
      const disk = await SmallDisk.mount(32, localServer(database)?.recipe.user);
      undo.push(() => disk.unmount());
      const scenario = await openOn(disk, database);
      undo.push(
        () => dropTablespace(database, scenario),
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

/** Where the files of a server are at hand; undefined where it runs in a container or elsewhere. */
function localServer({ server }: TestDatabase) {
  const origin = server && fromEnvironment()[server]?.origin;
  return origin?.from === 'local' ? origin : undefined;
}

/** A scenario whose attempts, or whose whole file, are on that disk. */
async function openOn({ path }: SmallDisk, database: TestDatabase): Promise<Scenario> {
  if (database.kind === 'sqlite') return Scenario.open(inFolder(path, database));
  const scenario = await Scenario.open(database);
  await MOVE[serverKind(database)](scenario, path);
  return scenario;
}

/** The server stops when the files of a tablespace go away under it. */
async function dropTablespace(database: TestDatabase, { table }: Scenario): Promise<void> {
  if (database.kind !== 'postgres') return;
  const knex = knexPackage(database.createKnexConfig());
  await knex.raw(`drop tablespace if exists ${table}`);
  await knex.destroy();
}

function inFolder(folder: string, database: TestDatabase): TestDatabase {
  const connection = { filename: join(folder, 'programs.sqlite') };
  return { ...database, createKnexConfig: () => ({ ...database.createKnexConfig(), connection }) };
}

const MOVE = {
  postgres: async ({ knex, table }: Scenario, path: string) => {
    await knex.raw(`create tablespace ${table} location '${path}'`);
    await knex.raw(`alter table ${table}_attempts set tablespace ${table}`);
  },
  mysql: async ({ knex, table }: Scenario, path: string) => {
    const [rows] = (await knex.raw(`show create table ${table}_attempts`)) as [Record<string, string>[]];
    await knex.schema.dropTable(`${table}_attempts`);
    await knex.raw(`${rows[0]?.['Create Table']} data directory='${path}'`);
  },
};
