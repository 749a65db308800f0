import type { Knex } from 'knex';
import type { ExistingSchema } from '../../migrations/index.js';
import type { TableNames } from './dialects/dialect.js';

/** Reads which tables, columns and indexes exist, and whether rows stand in the way of one. */
export async function inspectSchema(knex: Knex, tables: TableNames): Promise<ExistingSchema> {
  return inspectRows(knex, tables, await inspectCatalogue(knex, tables));
}

/** Adds whether rows stand in the way of an index, which may take as long as reading all of them. */
export async function inspectRows(
  knex: Knex,
  tables: TableNames,
  catalogue: ExistingSchema,
): Promise<ExistingSchema> {
  const { columns, indexes } = catalogue;
  const mayHaveDuplicates =
    columns.get(tables.programs)?.has('run_id') === true && !indexes?.has(`${tables.programs}_run_id_unique`);
  const hasDuplicates = mayHaveDuplicates && (await hasDuplicateRunIds(knex, tables.programs));
  return { ...catalogue, hasDuplicateRunIds: hasDuplicates };
}

/** What exists, without a look at any row: the tables themselves are not locked. */
export async function inspectCatalogue(knex: Knex, tables: TableNames): Promise<ExistingSchema> {
  const columns = new Map<string, ReadonlySet<string>>();
  for (const table of Object.values({ ...tables }))
    columns.set(table, new Set(Object.keys(await knex(table).columnInfo())));
  return { columns, indexes: await indexNames(knex, tables), hasDuplicateRunIds: false };
}

async function hasDuplicateRunIds(knex: Knex, table: string): Promise<boolean> {
  const duplicate: unknown = await knex(table)
    .select('run_id')
    .groupBy('run_id')
    .havingRaw('count(*) > 1')
    .first();
  return duplicate !== undefined;
}

/** Queries for the names of some tables' indexes, by knex dialect. */
const INDEX_QUERIES: Readonly<Record<string, string>> = {
  postgresql:
    'select indexname as name from pg_indexes where schemaname = current_schema() and tablename in (?)',
  mysql:
    'select distinct index_name as name from information_schema.statistics ' +
    'where table_schema = database() and table_name in (?)',
  sqlite3: `select name from sqlite_master where type = 'index' and tbl_name in (?)`,
};

async function indexNames(knex: Knex, tables: TableNames): Promise<ReadonlySet<string> | undefined> {
  const { dialect } = knex.client as { dialect: string };
  const query = Object.hasOwn(INDEX_QUERIES, dialect) ? INDEX_QUERIES[dialect] : undefined;
  if (query === undefined) return undefined;
  const names = Object.values({ ...tables });
  const found = query.replace('?', names.map(() => '?').join(', '));
  const rows: { name: string }[] = await knex.select('name').from(knex.raw(`(${found}) as found`, names));
  return new Set(rows.map(({ name }) => name));
}
