import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { sqlTermsOf } from '../../src/program-handler/dialects/sql-terms.js';
import { sqliteSql } from '../../src/program-handler/dialects/sqlite-sql.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { sqliteDatabases } from '../support/databases.js';
import { silentLogger } from '../support/silent-logger.js';

const TABLES = tablesOf('programs');
const SQL = sqliteSql(TABLES, sqlTermsOf('sqlite3'));

const BY_ID = 'INTEGER PRIMARY KEY (rowid=?)';
const BY_RUN_ID = 'INDEX programs_run_id_unique (run_id=?)';
const BY_DUE_AT = 'INDEX programs_due_at_index (due_at';
const PATHS: Readonly<Partial<Record<keyof typeof SQL, readonly string[]>>> = {
  claimRung: [BY_RUN_ID],
  claimDue: [BY_ID, BY_DUE_AT],
  isDue: [BY_DUE_AT],
  nextDue: [BY_DUE_AT],
  advance: [BY_ID],
  transition: [BY_ID],
  saveJobData: [BY_ID],
  renew: [BY_ID],
};

/** Rows enough for statistics to speak against an index that finds few of them. */
const MANY_ROWS = `
  with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 20000)
  insert into programs (run_id, program_data, jobs, job_data, due_at, finished_at)
  select 'run ' || n, '{}', '[]', '{}', n, case when n % 100 > 0 then 'then' end from numbers`;

for (const database of sqliteDatabases())
  describe(`statements of ${database.name} find their rows by an index`, () => {
    let knex: Knex;

    beforeEach(async () => {
      knex = knexPackage(database.createKnexConfig());
      await updateSchema(knex, TABLES, silentLogger);
    });

    afterEach(() => knex.destroy());

    it('on an empty table', () => expectPaths(knex));

    it('on a full table', async () => {
      await knex.raw(MANY_ROWS);
      await expectPaths(knex);
    });

    it('on a full table with statistics', async () => {
      await knex.raw(MANY_ROWS);
      await knex.raw('analyze');
      await expectPaths(knex);
    });
  });

async function expectPaths(knex: Knex): Promise<void> {
  for (const [name, paths] of Object.entries(PATHS)) {
    const searches = await planOf(knex, SQL[name as keyof typeof SQL]);
    expect(searches.length, name).to.equal(paths.length);
    paths.forEach((path, index) => expect(searches[index], name).to.include(path));
  }
}

/** How each table of a statement is read. */
async function planOf(knex: Knex, text: string): Promise<string[]> {
  const values = Array.from(text.matchAll(/\?/g), () => 1);
  const steps: { detail: string }[] = await knex.raw(`explain query plan ${text}`, values);
  return steps.map(({ detail }) => detail).filter((detail) => /^(SEARCH|SCAN)/.test(detail));
}
