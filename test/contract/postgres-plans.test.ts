import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import type { Claim, TableNames } from '../../src/program-handler/dialects/dialect.js';
import { claimArrays, transitionArrays } from '../../src/program-handler/dialects/postgres-arrays.js';
import { jobDataJson } from '../../src/program-handler/dialects/postgres-json.js';
import { oneOf } from '../../src/program-handler/dialects/postgres-group-size.js';
import { postgresDialect } from '../../src/program-handler/dialects/postgres.js';
import { claimSql, recordSql } from '../../src/program-handler/dialects/postgres-sql.js';
import { sqlTermsOf } from '../../src/program-handler/dialects/sql-terms.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases } from '../support/databases.js';
import { advance } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const ROWS = 20_000;
type Held = Claim & { readonly step: number };

/** One by one, a few, and more than PostgreSQL supposes. */
const GROUP_SIZES = [1, 3, 100];
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
      tables = tablesOf(programs);
      await updateSchema(knex, tables, silentLogger);
      await knex.raw('alter table ?? set (autovacuum_enabled = false)', [programs]);
      await fill(knex, programs);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
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

    it('by plans that are kept for small groups too', async () => {
      await knex.raw('deallocate all');
      const { claimRung, transition } = postgresDialect(knex, tables);
      for (const claims of GROUP_SIZES.map(claimsOf))
        // The first time without a plan.
        for (let time = 0; time <= 7; time += 1) {
          await claimRung(runIds(claims), { claimedBy: 'me', leaseMs: 60_000 });
          await transition(claims.map(advance), knex);
        }
      const { rows } = await knex.raw<{ rows: object[] }>(
        `select custom_plans, generic_plans from pg_prepared_statements where name like 'pe-%'`,
      );
      expect(rows).to.deep.equal(
        Array(2 * GROUP_SIZES.length).fill({ custom_plans: '5', generic_plans: '2' }),
      );
    });
  });

async function expectIndexes(knex: Knex, tables: TableNames): Promise<void> {
  const { nowMs, timestamp, quote } = sqlTermsOf('postgresql');
  const context = { ...tables, now: nowMs, timestamp, quote };
  const { claimRung, claimDue, untilDue } = claimSql(context);
  const { transition, saveJobData, renew } = recordSql(context);
  const byDueAt = `${tables.programs}_due_at_index`;
  const byId = `${tables.programs}_pkey`;
  const plansOf = (claims: Held[]): [string, string, unknown[]][] => [
    [
      `${tables.programs}_run_id_unique`,
      claimRung(claims.length),
      ['me', 'me', 60_000, ...oneOf(runIds(claims)), 'me'],
    ],
    [byDueAt, claimDue, [0, 0, 'me', 100, 'me', 'me', 60_000]],
    [byDueAt, untilDue, [0, 0]],
    [byId, transition(claims.length), transitionArrays(claims.map(advance))],
    [byId, saveJobData, [jobDataJson(claims.map((claim) => ({ ...claim, jobData: '{}' })))]],
    [byId, renew, [60_000, ...claimArrays(claims)]],
  ];
  for (const [index, text, values] of GROUP_SIZES.flatMap((size) => plansOf(claimsOf(size)))) {
    const plan = await explain(knex, text, values);
    expect(plan, text).to.contain(index);
    // Whether the queue is paused is looked up once, and not for each row.
    expect(plan, text).not.to.contain('SubPlan');
    expect(plan, text).not.to.contain(`Seq Scan on "${tables.programs}"`);
    expect(plan, text).not.to.match(new RegExp(`Seq Scan on ${tables.programs}\\b`));
  }
}

function claimsOf(count: number): Held[] {
  return Array.from({ length: count }, (_, index) => ({ ...CLAIM, id: index + 1 }));
}

function runIds(claims: readonly Claim[]): string[] {
  return claims.map(({ id }) => `run ${id}`);
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
