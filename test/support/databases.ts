import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { knexConfigFromUrl } from '../../src/config/database-url.js';
import { hasBuiltInSqlite, sqliteClient, type SqliteDriver } from '../../src/config/sqlite-driver.js';
import { type ServerName, URL_VARIABLES } from './servers/description.js';
import { temporaryFolder } from './temporary-folder.js';

export type DatabaseKind = 'postgres' | 'mysql' | 'sqlite';

/** A database that the contract suite runs on. */
export interface TestDatabase {
  readonly name: string;
  /** MariaDB is of the kind `mysql`. */
  readonly kind: DatabaseKind;
  /** The server to stop, start or crash; undefined for SQLite. */
  readonly server?: Exclude<ServerName, 'rabbitmq'>;
  /** Servers: always the same database. SQLite: a new file at each call. */
  createKnexConfig(): Knex.Config;
  /** A table name nobody else uses, short enough for every suffix. */
  uniqueTable(): string;
}

/**
 * Every database of this run; a server that is missing is an error at once, never a shorter list.
 * `PE_TEST_ONLY=embedded` asks for those without a server, and says so.
 */
export function testDatabases(): TestDatabase[] {
  if (isEmbeddedOnly()) return sqliteDatabases();
  return [
    server('postgres', 'postgres'),
    server('mariadb', 'mysql'),
    ...(process.env[URL_VARIABLES.mysql] ? [server('mysql', 'mysql')] : []),
    ...sqliteDatabases(),
  ];
}

/** Where this holds, nobody started servers: a suite leaves out what needs a broker. */
export function isEmbeddedOnly(): boolean {
  return process.env['PE_TEST_ONLY'] === 'embedded';
}

/** The databases that need no server: one for each SQLite driver that this Node has. */
export function sqliteDatabases(): TestDatabase[] {
  const drivers: SqliteDriver[] = isBetterSqlite3Sound() ? ['better-sqlite3'] : [];
  if (hasBuiltInSqlite()) drivers.push('node:sqlite');
  return drivers.map(sqlite);
}

/**
 * From Node 24.19 on, better-sqlite3 12 aborts the process when a statement is collected
 * (nodejs/node issue 65446), and its version 13 does not run on Node 20.
 */
function isBetterSqlite3Sound(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < 24 || (major === 24 && minor < 19);
}

/** The URL of a database on a server. */
export function urlOf(database: TestDatabase): string {
  const { connection } = database.createKnexConfig();
  if (typeof connection !== 'string') throw new Error(`${database.name} has no URL`);
  return connection;
}

/** A path for a new SQLite file in a folder that goes away with this process. */
export function databasePath(): string {
  return join(temporaryFolder(), `${uniqueName()}.sqlite`);
}

export function uniqueTable(): string {
  return `programs_${uniqueName()}`;
}

function uniqueName(): string {
  return randomBytes(6).toString('hex');
}

function server(name: Exclude<ServerName, 'rabbitmq'>, kind: DatabaseKind): TestDatabase {
  const url = process.env[URL_VARIABLES[name]];
  if (!url) throw new Error(`${URL_VARIABLES[name]} is not set: run the tests with \`npm test\``);
  const target = knexConfigFromUrl(url);
  if (!('knex' in target)) throw new Error(`${URL_VARIABLES[name]} leads to no server`);
  return { name, kind, server: name, uniqueTable, createKnexConfig: () => ({ ...target.knex }) };
}

function sqlite(driver: SqliteDriver): TestDatabase {
  return {
    name: `sqlite (${driver})`,
    kind: 'sqlite',
    uniqueTable,
    createKnexConfig: () => sqliteConfig(driver, databasePath()),
  };
}

function sqliteConfig(driver: SqliteDriver, filename: string): Knex.Config {
  return { client: sqliteClient(driver), connection: { filename }, useNullAsDefault: true };
}
