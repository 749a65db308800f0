import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { BacklogReader } from '../../src/program-handler/backlog-reader.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { TableNames } from '../../src/program-handler/dialects/dialect.js';
import { lineTables } from '../../src/program-handler/lines/line-tables.js';
import { Pruner } from '../../src/program-handler/pruner.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { WorkerRegistry } from '../../src/program-handler/worker-registry.js';
import { testDatabases, type DatabaseKind, type TestDatabase } from '../support/databases.js';
import { silentLogger } from '../support/silent-logger.js';

const ROWS = 20_000;

/** How the planner says that it goes along the primary key of the programs. */
const BY_ID: Readonly<Record<DatabaseKind, (table: string) => RegExp>> = {
  postgres: (table) => new RegExp(`Index Scan using ${table}_pkey`),
  mysql: () => /PRIMARY/,
  sqlite: () => /SEARCH \w+ USING INTEGER PRIMARY KEY \(rowid>\?\)/,
};
const WHOLE_TABLE: Readonly<Record<DatabaseKind, (table: string) => RegExp>> = {
  postgres: (table) => new RegExp(`Seq Scan on "?${table}"?\\s`),
  mysql: (table) => new RegExp(`"table":"${table}"[^}]*"type":"ALL"`),
  sqlite: (table) => new RegExp(`SCAN ${table}$`, 'm'),
};

for (const database of testDatabases())
  describe(`statements of upkeep on ${database.name} read no more than they must`, () => {
    let knex: Knex;
    let tables: TableNames;

    beforeEach(async () => {
      tables = tablesOf(database.uniqueTable());
      knex = knexPackage(database.createKnexConfig());
      await updateSchema(knex, tables, silentLogger);
      await fill(knex, database, tables.programs);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await knex.destroy();
    });

    for (const statistics of ['without', 'with'])
      it(`in a table ${statistics} statistics`, async () => {
        if (statistics === 'with') await analyze(knex, database, tables.programs);
        const dialect = createDialect(knex, tables, 'auto');
        const { terms } = dialect;
        const registry = new WorkerRegistry(knex, tables, terms);
        const pruner = new Pruner(knex, tables, dialect, lineTables(tables, terms));
        const backlog = new BacklogReader(knex, tables, terms, registry);
        const { programs } = tables;
        const [byId, wholeTable] = [BY_ID[database.kind](programs), WHOLE_TABLE[database.kind](programs)];

        const page = await planOf(knex, database, pruner.pageQuery(15_000, 100, registry.whileTurnOf('w')));
        expect(page).to.match(byId).and.not.match(wholeTable);
        const waiting = await planOf(knex, database, backlog.query('w'));
        expect(waiting).to.contain(`${programs}_due_at_index`).and.not.match(wholeTable);
        const doomed = knex(programs).whereIn('id', [1, 2, 3]).delete();
        expect(await planOf(knex, database, doomed)).not.to.match(wholeTable);
      });
  });

async function planOf(knex: Knex, database: TestDatabase, query: Knex.QueryBuilder): Promise<string> {
  const { sql, bindings } = query.toSQL();
  const explain = database.kind === 'sqlite' ? 'explain query plan' : 'explain';
  const answer: any = await knex.raw(`${explain} ${sql}`, bindings as Knex.RawBinding[]);
  if (database.kind === 'postgres') return answer.rows.map((row: any) => row['QUERY PLAN']).join('\n');
  if (database.kind === 'mysql') return answer[0].map((row: object) => JSON.stringify(row)).join('\n');
  return answer.map((row: any) => row.detail).join('\n');
}

async function analyze(knex: Knex, database: TestDatabase, table: string): Promise<void> {
  if (database.kind === 'sqlite') await knex.raw('analyze');
  else await knex.raw(database.kind === 'mysql' ? 'analyze table ??' : 'analyze ??', [table]);
}

/** One in a hundred has not ended. */
async function fill(knex: Knex, database: TestDatabase, table: string): Promise<void> {
  const ended = database.kind === 'sqlite' ? `'2020-01-01 00:00:00.000'` : 'current_timestamp';
  const rows = Array.from({ length: ROWS }, (_, index) => ({
    run_id: `run ${index}`,
    program_data: '{}',
    jobs: '[]',
    job_data: '{}',
    due_at: index,
    finished_at: index % 100 > 0 ? knex.raw(ended) : null,
  }));
  await knex.batchInsert(table, rows, 400);
}
