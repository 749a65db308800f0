import { ProgramExecutorError } from '../../errors/index.js';

/** The few things that every database has in its own way, most of them spellings. */
export interface SqlTerms {
  /** The database's clock in epoch milliseconds, the same throughout one statement. */
  readonly nowMs: string;
  /** The same moment as a value for the timestamp columns. */
  readonly timestamp: string;
  /** A timestamp column as epoch milliseconds. */
  epochMs(column: string): string;
  /** Objects and arrays within each other that a payload may have. */
  readonly maxJsonDepth: number;
  /** The name of a table as it stands in a statement. */
  quote(name: string): string;
  /** That a column has one of these values, of which there must be one. */
  among(column: string, values: readonly number[]): Fragment;
  /** The same for texts. */
  amongTexts(column: string, values: readonly string[]): Fragment;
  /** Ends a select whose rows nobody else is to change before the transaction ends; '' where nobody can. */
  readonly forUpdate: string;
  /** The same, passing over rows that somebody else has. */
  readonly skipLocked: string;
  /** Ends an insert that leaves rows that exist as they are; `column` is any of the table's. */
  ignoringExisting(column: string): string;
  /** The same, and they are locked: one that somebody is about to delete is waited for, and inserted anew. */
  lockingExisting(column: string): string;
  /** The rows of `select` for each of these, of three numbers, which it is given as they stand in a text. */
  ofEach(each: readonly Three<number>[], select: (...three: Three<string>) => string): Fragment;
  /** How many that may be. */
  readonly mostOfEach: number;
  /** Whether a change can return the rows that it changed. */
  readonly hasReturning: boolean;
  /** Whether one statement can change several tables, each with what the change before it returned. */
  readonly chainsChanges: boolean;
  /** Whether `group by` over the first columns of an index reads one entry of each group, and not all. */
  readonly groupsInIndex: boolean;
  /**
   * Whether slots have an `id`, in the order in which they are taken: those that are gone stay in the indexes until a
   * vacuum, and need not be counted past.
   */
  readonly numbersSlots: boolean;
}

type Three<T> = readonly [T, T, T];

/** A part of a statement, with the values of its question marks. */
export interface Fragment {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What most databases have in common. */
const COMMON = {
  quote: (name: string) => `"${name}"`,
  among: (column: string, values: readonly number[]) => ({
    text: `${column} in (${values.join(', ')})`,
    values: [],
  }),
  amongTexts: (column: string, values: readonly string[]) => ({
    text: `${column} in (${values.map(() => '?').join(', ')})`,
    values,
  }),
  forUpdate: 'for update',
  skipLocked: 'for update skip locked',
  ignoringExisting: () => 'on conflict do nothing',
  lockingExisting: (column: string) => `on conflict (${column}) do nothing`,
  ofEach: (each: readonly Three<number>[], select: (...three: Three<string>) => string) => ({
    text: each.map((_, index) => `select * from (${select('?', '?', '?')}) each${index}`).join(' union all '),
    values: each.flat(),
  }),
  // Each number of them is a text of its own, which is parsed, and kept prepared.
  mostOfEach: 100,
  hasReturning: false,
  chainsChanges: false,
  groupsInIndex: false,
  numbersSlots: false,
};

/** Where the database takes as much as anybody needs: what SQLite's own functions for JSON stop at. */
const ENOUGH_DEPTH = 1_000;

const postgres: SqlTerms = {
  ...COMMON,
  hasReturning: true,
  chainsChanges: true,
  numbersSlots: true,
  // One text, however many there are: it is prepared once.
  amongTexts: (column, values) => ({ text: `${column} = any(?::text[])`, values: [[...values]] }),
  // That nothing is done would be decided without waiting for whoever has locked the row.
  lockingExisting: (column) => `on conflict (${column}) do update set ${column} = excluded.${column}`,
  ofEach: (each, select) => ({
    text: `
      select chosen.* from unnest(?::bigint[], ?::bigint[], ?::bigint[]) as given(a, b, c)
      cross join lateral (${select('given.a', 'given.b', 'given.c')}) chosen`,
    values: [0, 1, 2].map((index) => `{${each.map((three) => three[index]).join(',')}}`),
  }),
  mostOfEach: 1_000,
  among: (column, values) => ({ text: `${column} = any(?::bigint[])`, values: [`{${values.join(',')}}`] }),
  // Stable, not volatile as clock_timestamp() is: else no index on due_at could be used.
  nowMs: `floor(extract(epoch from statement_timestamp()) * 1000)::bigint`,
  timestamp: 'statement_timestamp()',
  epochMs: (column) => `floor(extract(epoch from ${column}) * 1000)::bigint`,
  maxJsonDepth: ENOUGH_DEPTH,
};

const mysql: SqlTerms = {
  ...COMMON,
  quote: (name) => `\`${name}\``,
  groupsInIndex: true,
  ignoringExisting: (column) => `on duplicate key update ${column} = ${column}`,
  lockingExisting: (column) => `on duplicate key update ${column} = ${column}`,
  // Not unix_timestamp(now(3)): that goes through the session's time zone and repeats an hour each autumn.
  nowMs: `timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000`,
  timestamp: 'current_timestamp(3)',
  epochMs: (column) => `floor(unix_timestamp(${column}) * 1000)`,
  // MariaDB's functions stop at 32, some of which are of the group in which a payload travels.
  maxJsonDepth: 28,
};

const sqlite: SqlTerms = {
  ...COMMON,
  hasReturning: true,
  among: (column, values) => ({
    text: `${column} in (select value from json_each(?))`,
    values: [JSON.stringify(values)],
  }),
  amongTexts: (column, values) => ({
    text: `${column} in (select value from json_each(?))`,
    values: [JSON.stringify(values)],
  }),
  forUpdate: '',
  skipLocked: '',
  nowMs: `cast(unixepoch('now', 'subsec') * 1000 as integer)`,
  timestamp: `strftime('%Y-%m-%d %H:%M:%f', 'now')`,
  // Older rows may hold milliseconds, as knex writes a Date into SQLite.
  epochMs: (column) =>
    `case typeof(${column}) when 'integer' then ${column} ` +
    `else cast(unixepoch(${column}, 'subsec') * 1000 as integer) end`,
  maxJsonDepth: ENOUGH_DEPTH,
};

const mssql: SqlTerms = {
  ...COMMON,
  nowMs: `datediff_big(millisecond, '1970-01-01', sysutcdatetime())`,
  timestamp: 'current_timestamp',
  epochMs: (column) => `datediff_big(millisecond, '1970-01-01', ${column})`,
  maxJsonDepth: 100,
};

const oracle: SqlTerms = {
  ...COMMON,
  nowMs:
    `(cast(sys_extract_utc(systimestamp) as date) - date '1970-01-01') * 86400000 + ` +
    `to_number(to_char(systimestamp, 'FF3'))`,
  timestamp: 'systimestamp',
  epochMs: (column) => `round((cast(${column} as date) - date '1970-01-01') * 86400000)`,
  maxJsonDepth: 100,
};

const BY_DIALECT: Readonly<Record<string, SqlTerms>> = {
  postgresql: postgres,
  cockroachdb: { ...postgres, numbersSlots: false },
  redshift: {
    ...postgres,
    numbersSlots: false,
    nowMs: postgres.nowMs.replace('statement_timestamp()', 'getdate()'),
    timestamp: 'getdate()',
  },
  mysql,
  sqlite3: sqlite,
  mssql,
  oracle,
};

/** @param dialect the name knex gives it */
export function sqlTermsOf(dialect: string): SqlTerms {
  const terms = Object.hasOwn(BY_DIALECT, dialect) ? BY_DIALECT[dialect] : undefined;
  if (terms) return terms;
  throw new ProgramExecutorError(
    'PE_UNSUPPORTED_DATABASE',
    `knex: the client "${dialect}" is not supported; use one of ${Object.keys(BY_DIALECT).join(', ')}`,
  );
}

/** What the statements of a dialect are written with. */
export interface SqlContext {
  readonly programs: string;
  readonly attempts: string;
  readonly slots: string;
  readonly pools: string;
  readonly now: string;
  readonly timestamp: string;
  quote(name: string): string;
}

/** That the whole queue is not paused: looked up once a statement, as it depends on no row. */
export function unpausedSql({ pools, quote }: Pick<SqlContext, 'pools' | 'quote'>): string {
  return `not exists (select 1 from ${quote(pools)} where name = '' and is_paused = 1)`;
}
