import knexPackage, { type Knex } from 'knex';
import { ConfigError, messageOf } from '../errors/index.js';
import type { Logger } from '../telemetry/logger.js';
import { watchConnecting } from './connections-under-way.js';
import { knexConfigFromUrl } from './database-url.js';
import type { CheckedConfig } from './executor-config.js';
import { seeConnectionsOff } from './leaving-connections.js';
import { findSqliteDriver, sqliteClient, type SqliteDriver } from './sqlite-driver.js';

/** The pool an executor works on. */
export interface OpenDatabase {
  readonly knex: Knex;
  /** Made here, so it ends with the executor. */
  readonly isOwn: boolean;
}

/** How to make a second connection in another thread: plain data. */
export type DatabaseAddress =
  | { readonly kind: 'sqlite'; readonly driver: SqliteDriver; readonly filename: string }
  | {
      readonly kind: 'server';
      readonly client: string;
      readonly connection: object;
      readonly searchPath: unknown;
    };

/** Connects to nothing yet: knex does that with the first query. */
export function openDatabase(config: CheckedConfig, logger: Logger): OpenDatabase {
  return open(config, logger, EMBEDDED);
}

/** As `openDatabase`, but leaves a SQLite file as it is, as it may be another application's. */
export function openExistingDatabase(config: CheckedConfig, logger: Logger): OpenDatabase {
  return open(config, logger, [BUSY_TIMEOUT, SYNCHRONOUS]);
}

function open(config: CheckedConfig, logger: Logger, pragmas: readonly string[]): OpenDatabase {
  const { knex } = config;
  if (typeof knex === 'function') return { knex, isOwn: false };
  if (typeof knex === 'object') return { knex: openConfigured(knex, logger), isOwn: true };
  if (knex === undefined) return { knex: openSqlite(config.databasePath, logger, pragmas), isOwn: true };
  const target = knexConfigFromUrl(knex, 'knex');
  if ('databasePath' in target)
    return { knex: openSqlite(target.databasePath, logger, pragmas), isOwn: true };
  return { knex: openServer({ ...quiet(logger), ...target.knex }), isOwn: true };
}

function openServer(config: Knex.Config): Knex {
  const knex = knexPackage(config);
  seeConnectionsOff(knex);
  watchConnecting(knex);
  return knex;
}

/** @throws ConfigError where knex knows no such client, or its driver is not installed */
function openConfigured(config: Knex.Config, logger: Logger): Knex {
  try {
    return openServer({ ...quiet(logger), ...config });
  } catch (cause) {
    const [reason] = messageOf(cause)
      .replace(/^knex: /i, '')
      .split('\nRequire stack');
    throw new ConfigError('knex', `knex cannot be made of it: ${reason}`, { cause });
  }
}

/** The address of a pool; undefined where another thread could not connect as this one does. */
export function addressOf(knex: Knex): DatabaseAddress | undefined {
  const { config, connectionSettings } = knex.client as KnexClient;
  if (!connectionSettings || !config.connection || typeof config.connection === 'function') return undefined;
  // knex hides the password from whoever lists the settings.
  const { password } = connectionSettings;
  const connection = password === undefined ? connectionSettings : { ...connectionSettings, password };
  if (!isCloneable(connection)) return undefined;
  if ((knex.client as KnexClient).dialect === 'sqlite3') return sqliteAddress(config, connection);
  if (typeof config.client !== 'string') return undefined;
  return { kind: 'server', client: config.client, connection, searchPath: config.searchPath };
}

/** One connection to an address, opened when it is first used. */
export function openAddress(address: DatabaseAddress, logger: Logger): Knex {
  if (address.kind === 'sqlite') return openSqlite(address.filename, logger, [BUSY_TIMEOUT], address.driver);
  const { client, connection, searchPath } = address;
  return openServer({
    ...quiet(logger),
    client,
    connection,
    ...(searchPath === undefined ? {} : { searchPath: searchPath as string }),
    pool: { min: 0, max: 1 },
  });
}

interface KnexClient {
  readonly dialect: string;
  readonly config: Knex.Config & { searchPath?: unknown };
  readonly connectionSettings?: Readonly<Record<string, unknown>>;
}

function sqliteAddress(config: Knex.Config, connection: object): DatabaseAddress | undefined {
  const filename = (connection as { filename?: unknown }).filename;
  // A database in memory, or a temporary one, exists in its own connection only.
  if (typeof filename !== 'string' || filename === '' || filename.includes(':memory:')) return undefined;
  if (config.client === 'better-sqlite3') return { kind: 'sqlite', driver: 'better-sqlite3', filename };
  if (typeof config.client !== 'string') return { kind: 'sqlite', driver: findSqliteDriver(), filename };
  return { kind: 'server', client: config.client, connection, searchPath: undefined };
}

function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

/** Short, as waiting blocks the event loop; what is still busy then is repeated later. First, as the others may wait. */
const BUSY_TIMEOUT = 'pragma busy_timeout = 20';
/** Of a file that is new: a commit writes page by page, and with larger ones W runs 5 to 8 % faster than with 4,096. */
const PAGE_SIZE = 'pragma page_size = 8192';
const SYNCHRONOUS = 'pragma synchronous = full';
const EMBEDDED = [BUSY_TIMEOUT, PAGE_SIZE, 'pragma journal_mode = wal', SYNCHRONOUS];

function openSqlite(
  filename: string,
  logger: Logger,
  pragmas: readonly string[],
  driver = findSqliteDriver(),
): Knex {
  const afterCreate = (connection: { exec(sql: string): void }, done: (error: unknown) => void): void => {
    try {
      for (const pragma of pragmas) connection.exec(pragma);
      done(null);
    } catch (error) {
      done(error);
    }
  };
  return knexPackage({
    ...quiet(logger),
    client: sqliteClient(driver),
    connection: { filename },
    useNullAsDefault: true,
    pool: { min: 0, max: 1, afterCreate },
  });
}

/** Statements carry payloads, so neither knex's own lines nor its errors may hold them. */
function quiet(logger: Logger): Knex.Config {
  return {
    compileSqlOnError: false,
    log: {
      debug: () => undefined,
      deprecate: () => undefined,
      warn: () => logger.warn('knex-warning'),
      error: () => logger.warn('knex-error'),
    },
  };
}
