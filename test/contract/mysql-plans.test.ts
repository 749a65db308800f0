import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import type { TableNames } from '../../src/program-handler/dialects/dialect.js';
import { claimSql, findSql } from '../../src/program-handler/dialects/mysql-claim-sql.js';
import { createSql, recordSql } from '../../src/program-handler/dialects/mysql-sql.js';
import { sqlTermsOf } from '../../src/program-handler/dialects/sql-terms.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases } from '../support/databases.js';
import { silentLogger } from '../support/silent-logger.js';

const ROWS = 20_000;

/** How a table of a statement is read. */
interface PlanRow {
  readonly id: number;
  readonly select_type: string;
  readonly key: string | null;
}

for (const database of testDatabases().filter(({ kind }) => kind === 'mysql'))
  describe(`statements of ${database.name} find their rows by an index`, () => {
    let knex: Knex;
    let tables: TableNames;

    before(() => {
      knex = knexPackage(database.createKnexConfig());
    });

    beforeEach(async () => {
      const programs = database.uniqueTable();
      tables = tablesOf(programs);
      await updateSchema(knex, tables, silentLogger);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
    });

    after(() => knex.destroy());

    it('on an empty table', () => expectKeys(knex, tables));

    it('on a full table', async () => {
      await fill(knex, tables);
      await expectIndexes(knex, tables);
    });

    it('on a full table with statistics', async () => {
      await fill(knex, tables);
      await knex.raw('analyze table ??', [tables.programs]);
      await expectIndexes(knex, tables);
    });
  });

async function expectIndexes(knex: Knex, tables: TableNames): Promise<void> {
  const { findDue, byRunId } = sqlOf(tables);
  const { programs } = tables;
  // Where there are few rows, reading them all is as good.
  await expectIndex(knex, `${programs}_run_id_unique`, byRunId.lock, [
    JSON.stringify(['run 1', 'run 2']),
    'me',
  ]);
  await expectIndex(knex, `${programs}_due_at_index`, findDue, [0, 0, 'me', 100]);
  await expectKeys(knex, tables);
}

async function expectKeys(knex: Knex, tables: TableNames): Promise<void> {
  const { byId, lock, transition, saveJobData, renew } = sqlOf(tables);
  const ids = JSON.stringify([1, 2, 3]);
  const claims = JSON.stringify([1, 2, 3].map((id) => [id, 1, 'me', '{}']));
  await expectIndex(knex, 'PRIMARY', byId.lock, [ids, 'me']);
  await expectIndex(knex, 'PRIMARY', byId.change(2), ['me', 'me', 1_000, 1, 2]);
  await expectIndex(knex, 'PRIMARY', lock, [ids]);
  await expectIndex(knex, 'PRIMARY', transition, [claims]);
  await expectIndex(knex, 'PRIMARY', saveJobData, [claims]);
  await expectIndex(knex, 'PRIMARY', renew, [claims, 1_000]);
}

function sqlOf(tables: TableNames) {
  const { nowMs, timestamp, quote } = sqlTermsOf('mysql');
  const context = { ...tables, now: nowMs, timestamp, quote };
  return { ...createSql(context), ...findSql(context), ...claimSql(context), ...recordSql(context) };
}

async function expectIndex(knex: Knex, name: string, text: string, values: Knex.RawBinding[]): Promise<void> {
  const [plan] = (await knex.raw(`explain ${text}`, values)) as [PlanRow[]];
  const outermost = plan.filter(({ id }) => id === 1);
  // The table of programs.
  expect(outermost.at(-1)?.key, text).to.equal(name);
  // Whether the queue is paused is looked up once, and not for each row.
  const types = plan.map(({ select_type: type }) => type);
  expect(types, text).not.to.include('DEPENDENT SUBQUERY');
}

/** Rows enough for statistics to speak against an index; one in a hundred is not finished. */
async function fill(knex: Knex, tables: TableNames): Promise<void> {
  const { insert } = sqlOf(tables);
  for (let from = 0; from < ROWS; from += 1_000) {
    const rows = Array.from({ length: 1_000 }, (_, index) => [
      `run ${from + index}`,
      [],
      {},
      {},
      0,
      from + index,
      null,
      index % 100 > 0 ? 1 : 0,
    ]);
    await knex.raw(insert, [JSON.stringify(rows)]);
  }
}
