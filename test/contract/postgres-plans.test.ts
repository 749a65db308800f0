import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import type { TableNames } from '../../src/program-handler/dialects/dialect.js';
import { claimArrays, transitionArrays } from '../../src/program-handler/dialects/postgres-arrays.js';
import { jobDataJson } from '../../src/program-handler/dialects/postgres-json.js';
import { claimSql, recordSql } from '../../src/program-handler/dialects/postgres-sql.js';
import { sqlTermsOf } from '../../src/program-handler/dialects/sql-terms.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases } from '../support/databases.js';
import { advance } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const ROWS = 20_000;
const CLAIM = { fence: 1, claimedBy: 'me', step: 0 };

for (const database of testDatabases().filter(({ name }) => name === 'postgres'))
  describe('statements of postgres find their rows by an index', () => {
    let knex: Knex;
    let tables: TableNames;

    before(() => {
      knex = knexPackage({ ...database.createKnexConfig(), pool: { min: 1, max: 1 } });
    });

    beforeEach(async () => {
      const programs = database.uniqueTable();
      tables = { programs, attempts: `${programs}_attempts` };
      await updateSchema(knex, tables, silentLogger);
      await knex.raw('alter table ?? set (autovacuum_enabled = false)', [programs]);
      await fill(knex, programs);
    });

    afterEach(async () => {
      for (const table of Object.values(tables)) await knex.schema.dropTable(table as string);
    });

    after(() => knex.destroy());

    it('in a table that nobody has analysed yet', () => expectIndexes(knex, tables));

    it('in a table with statistics', async () => {
      await knex.raw('analyze ??', [tables.programs]);
      await expectIndexes(knex, tables);
    });

    it('by a plan that is kept for every group', async () => {
      await knex.raw('analyze ??', [tables.programs]);
      await knex.raw('set plan_cache_mode = force_generic_plan');
      await expectIndexes(knex, tables);
      await knex.raw('reset plan_cache_mode');
    });
  });

async function expectIndexes(knex: Knex, tables: TableNames): Promise<void> {
  const { nowMs, timestamp } = sqlTermsOf('postgresql');
  const context = { ...tables, now: nowMs, timestamp };
  const { claimRung, claimDue, untilDue } = claimSql(context);
  const { transition, saveJobData, renew } = recordSql(context);
  const claims = Array.from({ length: 100 }, (_, index) => ({ ...CLAIM, id: index + 1 }));
  const runIds = claims.map(({ id }) => `run ${id}`);
  const byDueAt = `${tables.programs}_due_at_index`;
  const byId = `${tables.programs}_pkey`;
  const plans: [string, string, unknown[]][] = [
    [`${tables.programs}_run_id_unique`, claimRung, ['me', 'me', 60_000, runIds, 'me']],
    [byDueAt, claimDue, [0, 0, 'me', 100, 'me', 'me', 60_000]],
    [byDueAt, untilDue, [0]],
    [byId, transition, transitionArrays(claims.map(advance))],
    [byId, saveJobData, [jobDataJson(claims.map((claim) => ({ ...claim, jobData: '{}' })))]],
    [byId, renew, [60_000, ...claimArrays(claims)]],
  ];
  for (const [index, text, values] of plans) {
    const plan = await explain(knex, text, values);
    expect(plan, text).to.contain(index);
    expect(plan, text).not.to.contain(`Seq Scan on "${tables.programs}"`);
    expect(plan, text).not.to.match(new RegExp(`Seq Scan on ${tables.programs}\\b`));
  }
}

async function explain(knex: Knex, text: string, values: unknown[]): Promise<string> {
  const { rows } = await knex.raw<{ rows: Record<string, string>[] }>(
    `explain ${text}`,
    values as Knex.RawBinding[],
  );
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** Rows enough to speak against reading all; one in a hundred is not finished. */
async function fill(knex: Knex, programs: string): Promise<void> {
  await knex.raw(
    `insert into ?? (run_id, program_data, jobs, job_data, fence, due_at, claimed_by, finished_at)
     select 'run ' || n, '{}', '["first"]', '{}', 1, n, 'me', case when n % 100 > 0 then now() end
     from generate_series(1, ?::int) n`,
    [programs, ROWS],
  );
}
