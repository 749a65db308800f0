import { createRequire } from 'node:module';
import type { Knex } from 'knex';
import { ProgramExecutorError } from '../errors/index.js';

const require = createRequire(import.meta.url);

/** The SQLite drivers that the embedded mode can use, in the order of preference. */
export type SqliteDriver = 'node:sqlite' | 'better-sqlite3';

/** Older ones have a bug that can corrupt a file in WAL mode under several connections. */
const OLDEST_BUILT_IN_SQLITE = [3, 51, 3];

/** @throws ProgramExecutorError PE_SQLITE_DRIVER_MISSING with the command that helps */
export function findSqliteDriver(): SqliteDriver {
  if (hasBuiltInSqlite()) return 'node:sqlite';
  if (canLoad('better-sqlite3')) return 'better-sqlite3';
  throw new ProgramExecutorError(
    'PE_SQLITE_DRIVER_MISSING',
    `No SQLite driver: Node ${process.versions.node} has none that is recent enough, and better-sqlite3 is not ` +
      `installed. Run "npm install better-sqlite3@12", or give knex another database.`,
  );
}

/** The client to give to knex for a driver. */
export function sqliteClient(driver: SqliteDriver): string | typeof Knex.Client {
  return driver === 'better-sqlite3' ? driver : nodeSqliteClient();
}

export function hasBuiltInSqlite(): boolean {
  const version = process.versions['sqlite'];
  if (version === undefined || !canLoad('node:sqlite')) return false;
  const parts = version.split('.').map(Number);
  const differing = OLDEST_BUILT_IN_SQLITE.findIndex((part, index) => part !== parts[index]);
  return differing === -1 || (parts[differing] ?? 0) > (OLDEST_BUILT_IN_SQLITE[differing] ?? 0);
}

function canLoad(module: string): boolean {
  try {
    require(module);
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
