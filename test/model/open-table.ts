import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import type { DialectChoice } from '../../src/program-handler/dialects/create-dialect.js';
import { sqliteDatabases } from '../support/databases.js';
import { RealTable } from './real-table.js';

const ignore = () => undefined;
const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** A table as the migrations make it, and how to give it up. */
export interface OpenTable {
  readonly table: RealTable;
  close(): Promise<void>;
}

export async function openTable(
  config: Knex.Config,
  tableName: string,
  choice: DialectChoice,
): Promise<OpenTable> {
  const knex = knexPackage(config);
  const tables = tablesOf(tableName);
  await updateSchema(knex, tables, logger);
  const close = async (): Promise<void> => {
    for (const name of Object.values({ ...tables })) await knex.schema.dropTableIfExists(name);
    await knex.destroy();
  };
  return { table: new RealTable(knex, tables, choice), close };
}

/** The database of the search: in memory, as it is asked thousands of times. */
export function openSqlite(): Promise<OpenTable> {
  return openTable(sqliteInMemory(), 'programs', 'auto');
}

export function sqliteInMemory(): Knex.Config {
  const [database] = sqliteDatabases();
  if (!database) throw new Error('No SQLite driver');
  return { ...database.createKnexConfig(), connection: { filename: ':memory:' } };
}
