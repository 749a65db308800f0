import type { Knex } from 'knex';

/** The tables of one executor, as they are now. */
export interface ExistingSchema {
  /** Column names by table; a table that is not there has none. */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>;
  /** Index names of all tables; undefined where this kind of database cannot be asked. */
  readonly indexes: ReadonlySet<string> | undefined;
  /** Two rows of an old table share a `run_id`, so it can get no unique index. */
  readonly hasDuplicateRunIds: boolean;
}

/** The tables of one executor, by what they hold. */
export interface MigrationTables {
  readonly programs: string;
  readonly attempts: string;
  readonly batches: string;
  readonly interruptions: string;
  readonly pools: string;
  readonly lines: string;
  readonly meters: string;
  readonly slots: string;
  readonly workers: string;
  readonly interventions: string;
  readonly keys: string;
  readonly recentClaims: string;
}

/** The names of an executor's tables. */
export function tablesOf(programs: string): MigrationTables {
  const named = (suffix: string) => `${programs}_${suffix}`;
  return {
    programs,
    attempts: named('attempts'),
    batches: named('batches'),
    interruptions: named('interruptions'),
    pools: named('pools'),
    lines: named('lines'),
    meters: named('meters'),
    slots: named('slots'),
    workers: named('workers'),
    interventions: named('interventions'),
    keys: named('keys'),
    recentClaims: named('recent_claims'),
  };
}

/**
 * One step of the schema's history. It only adds what is missing, so it can run again at any time, also
 * after having been cut off half-way; nothing is ever dropped, renamed or rewritten.
 */
export interface Migration {
  readonly name: string;
  pending(knex: Knex, tables: MigrationTables, existing: ExistingSchema): Knex.SchemaBuilder[];
}

/** True when the index is known to be missing, or the table is about to be made. */
export function lacksIndex(existing: ExistingSchema, table: string, index: string): boolean {
  return existing.indexes ? !existing.indexes.has(index) : !hasTable(existing, table);
}

export function hasTable(existing: ExistingSchema, table: string): boolean {
  return columnsOf(existing, table).size > 0;
}

export function columnsOf(existing: ExistingSchema, table: string): ReadonlySet<string> {
  return existing.columns.get(table) ?? new Set();
}

/** MySQL and MariaDB: the character set of the database itself may not hold every text. Others have none. */
export function useUtf8(knex: Knex, table: Knex.CreateTableBuilder): void {
  if (isMysql(knex)) table.charset('utf8mb4');
}

/** True for MariaDB as well. */
export function isMysql(knex: Knex): boolean {
  return (knex.client as { dialect: string }).dialect === 'mysql';
}

/** False for CockroachDB and Redshift, which only speak its protocol. */
export function isPostgres(knex: Knex): boolean {
  const { dialect, driverName } = knex.client as { dialect: string; driverName: string };
  return dialect === 'postgresql' && driverName !== 'cockroachdb';
}

export function isSqlite(knex: Knex): boolean {
  return (knex.client as { dialect: string }).dialect === 'sqlite3';
}

/** Names of columns with how each is added. */
export type NewColumns = Readonly<Record<string, (t: Knex.AlterTableBuilder) => void>>;

/** Adds to an existing table the columns that it lacks. */
export function addColumns(
  knex: Knex,
  table: string,
  existing: ReadonlySet<string>,
  columns: NewColumns,
): Knex.SchemaBuilder[] {
  const missing = Object.entries(columns).filter(([column]) => !existing.has(column));
  if (missing.length === 0) return [];
  return [
    knex.schema.alterTable(table, (t) => {
      for (const [, add] of missing) add(t);
    }),
  ];
}

/** Creates the table unless it is there. */
export function createTable(
  knex: Knex,
  table: string,
  existing: ExistingSchema,
  columns: (t: Knex.CreateTableBuilder) => void,
): Knex.SchemaBuilder[] {
  if (hasTable(existing, table)) return [];
  return [
    knex.schema.createTable(table, (t) => {
      useUtf8(knex, t);
      columns(t);
    }),
  ];
}

/** An index over the rows for which `predicate` holds; over all of them where the database knows no other. */
export function addPartialIndex(
  knex: Knex,
  table: string,
  columns: string[],
  name: string,
  predicate: Knex.QueryBuilder,
): Knex.SchemaBuilder[] {
  const { dialect } = knex.client as { dialect: string };
  const isPartial = dialect === 'postgresql' || dialect === 'sqlite3';
  return [
    knex.schema.alterTable(table, (t) => {
      if (isPartial) t.index(columns, name, { predicate });
      else t.index(columns, name);
    }),
  ];
}

/** A text that is compared to the last bit, also where the default collation takes "a" for "A". */
export function exactText(knex: Knex, t: Knex.CreateTableBuilder, column: string): Knex.ColumnBuilder {
  const text = t.string(column, 255).notNullable();
  if (isMysql(knex)) void text.collate('utf8mb4_bin');
  return text;
}
