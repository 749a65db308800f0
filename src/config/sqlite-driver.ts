import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { ProgramExecutorError } from '../errors/index.js';

const require = createRequire(import.meta.url);

/** The SQLite drivers that the embedded mode can use, in the order of preference. */
export type SqliteDriver = 'node:sqlite' | 'better-sqlite3';

/** Older ones have a bug that can corrupt a file in WAL mode under several connections. */
const OLDEST_BUILT_IN_SQLITE = [3, 51, 3];

/** Loads a module, as `require` does. */
type Load = (module: string) => unknown;

/** @throws ProgramExecutorError PE_SQLITE_DRIVER_MISSING with the command that helps */
export function findSqliteDriver(load: Load = require): SqliteDriver {
  if (hasBuiltInSqlite(load)) return 'node:sqlite';
  if (!canLoad('better-sqlite3', load))
    throw driverMissing('is not installed. Run "npm install better-sqlite3@12"');
  try {
    // Its binary is looked for by the first database only.
    new (load('better-sqlite3') as new (filename: string) => { close(): void })(':memory:').close();
    return 'better-sqlite3';
  } catch (cause) {
    throw driverMissing(NOT_BUILT, cause);
  }
}

const NOT_BUILT =
  'is installed, but its binary cannot be loaded: its install script has not run, or ran for another Node. Approve ' +
  'the script where your npm asks for that ("allowScripts": { "better-sqlite3": true } in package.json; pnpm: "pnpm ' +
  'approve-builds"), and run "npm rebuild better-sqlite3"';

function driverMissing(problem: string, cause?: unknown): ProgramExecutorError {
  return new ProgramExecutorError(
    'PE_SQLITE_DRIVER_MISSING',
    `No SQLite driver: Node ${process.versions.node} has none that is recent enough, and better-sqlite3 ${problem}, ` +
      'or give knex another database.',
    cause === undefined ? undefined : { cause },
  );
}

/** The client to give to knex for a driver. */
export function sqliteClient(driver: SqliteDriver): string | typeof Knex.Client {
  return driver === 'better-sqlite3' ? driver : nodeSqliteClient();
}

export function hasBuiltInSqlite(load: Load = require): boolean {
  const version = process.versions['sqlite'];
  if (version === undefined || !canLoad('node:sqlite', load)) return false;
  const parts = version.split('.').map(Number);
  const differing = OLDEST_BUILT_IN_SQLITE.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (OLDEST_BUILT_IN_SQLITE[differing] ?? 0);
}

function canLoad(module: string, load: Load): boolean {
  try {
    load(module);
    return true;
  } catch {
    return false;
  }
}

/** The part of node:sqlite that is used here; Node 20 has neither the module nor its types. */
interface NodeDatabase {
  prepare(sql: string): {
    columns(): unknown[];
    all(...bindings: unknown[]): object[];
    run(...bindings: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  };
  exec(sql: string): void;
  close(): void;
}

/** knex's client for better-sqlite3, on top of node:sqlite. */
function nodeSqliteClient(): typeof Knex.Client {
  const BetterSqlite3Client = require('knex/lib/dialects/better-sqlite3/index.js') as typeof Knex.Client;
  const { DatabaseSync } = require('node:sqlite') as { DatabaseSync: new (filename: string) => NodeDatabase };
  return class NodeSqliteClient extends BetterSqlite3Client {
    _driver() {
      return function open(filename: string) {
        return adapt(new DatabaseSync(filename));
      };
    }
  };
}

/** A connection as knex's client for better-sqlite3 expects it. */
function adapt(database: NodeDatabase) {
  return {
    exec: (sql: string) => database.exec(sql),
    close: () => database.close(),
    prepare: (sql: string) => {
      const statement = database.prepare(sql);
      return {
        reader: statement.columns().length > 0,
        all: (bindings: unknown[]) => statement.all(...bindings),
        run: (bindings: unknown[]) => statement.run(...bindings),
      };
    },
  };
}
