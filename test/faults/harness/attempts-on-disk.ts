import type { Knex } from 'knex';
import type { TestDatabase } from '../../support/databases.js';
import { fromEnvironment } from '../../support/servers/description.js';
import { serverKind } from './lock-waits.js';
import { SmallDisk } from './small-disk.js';

/** Whether the files of a database are at hand: not where its server runs in a container or elsewhere. */
export function isAtHand(database: TestDatabase): boolean {
  return database.server === undefined || localServer(database) !== undefined;
}

/** A small disk that this database may write to. */
export function mountFor(database: TestDatabase, megabytes: number): Promise<SmallDisk> {
  return SmallDisk.mount(megabytes, localServer(database)?.recipe.user);
}

/** Moves the attempts of a table on a server to a disk. */
export async function moveAttempts(
  knex: Knex,
  database: TestDatabase,
  { table, path }: { table: string; path: string },
): Promise<void> {
  if (serverKind(database) === 'postgres') {
    await knex.raw(`create tablespace ${table} location '${path}'`);
    await knex.raw(`alter table ${table}_attempts set tablespace ${table}`);
    return;
  }
  const [rows] = (await knex.raw(`show create table ${table}_attempts`)) as [Record<string, string>[]];
  await knex.schema.dropTable(`${table}_attempts`);
  await knex.raw(`${rows[0]?.['Create Table']} data directory='${path}'`);
}

/** After the tables are gone, and before the disk goes: the server stops when it goes away under a tablespace. */
export async function dropTablespace(knex: Knex, { kind }: TestDatabase, table: string): Promise<void> {
  if (kind === 'postgres') await knex.raw(`drop tablespace if exists ${table}`);
}

function localServer({ server }: TestDatabase) {
  const origin = server && fromEnvironment()[server]?.origin;
  return origin?.from === 'local' ? origin : undefined;
}
