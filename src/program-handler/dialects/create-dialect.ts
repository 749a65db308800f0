import type { Knex } from 'knex';
import type { Dialect, TableNames } from './dialect.js';
import { listeningKnex } from './listening-knex.js';
import { mysqlDialect } from './mysql.js';
import { PortableDialect } from './portable.js';
import { postgresDialect } from './postgres.js';
import { sqlTermsOf } from './sql-terms.js';
import { sqliteDialect } from './sqlite.js';

/** 'auto' takes the fast dialect where there is one; 'portable' works row by row on any database. */
export type DialectChoice = 'auto' | 'portable';

const FAST: Readonly<Record<string, (knex: Knex, tables: TableNames) => Dialect>> = {
  postgresql: postgresDialect,
  mysql: mysqlDialect,
  sqlite3: sqliteDialect,
};

/** @throws ProgramExecutorError PE_UNSUPPORTED_DATABASE for a knex client that not even the portable one knows */
export function createDialect(knex: Knex, tables: TableNames, choice: DialectChoice): Dialect {
  const { dialect, driverName } = knex.client as { dialect: string; driverName: string };
  // CockroachDB and Redshift speak PostgreSQL's protocol, but not all of its SQL.
  const name =
    driverName === 'cockroachdb' || driverName === 'pg-redshift' ? driverName.replace('pg-', '') : dialect;
  const fast = choice === 'auto' && Object.hasOwn(FAST, name) ? FAST[name] : undefined;
  return fast ? fast(knex, tables) : new PortableDialect(listeningKnex(knex), tables, sqlTermsOf(name));
}
