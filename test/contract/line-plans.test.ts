import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import type { TableNames } from '../../src/program-handler/dialects/dialect.js';
import { transitionArrays } from '../../src/program-handler/dialects/postgres-arrays.js';
import { recordSql } from '../../src/program-handler/dialects/postgres-sql.js';
import { postgresDialect } from '../../src/program-handler/dialects/postgres.js';
import { sqlTermsOf } from '../../src/program-handler/dialects/sql-terms.js';
import { claimAtOnceSql } from '../../src/program-handler/lines/claim-first.js';
import { askingLinesSql } from '../../src/program-handler/lines/claim-from-pool.js';
import { HouseKeeping } from '../../src/program-handler/lines/house-keeping.js';
import { forIds, lineTables } from '../../src/program-handler/lines/line-tables.js';
import { openPoolsSql, untilReadySql } from '../../src/program-handler/lines/open-pools.js';
import { searchesOf, waitingSql } from '../../src/program-handler/lines/waiting.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases, type TestDatabase } from '../support/databases.js';
import { silentLogger } from '../support/silent-logger.js';

const LINES = 100_000;
/** Idle lines of a high priority, which no claim is to walk over. */
const IDLE = 20_000;
/** Of few lines, whose turn is after that of all others. */
const BATCH = 1;
/** What 100,000 lines would cost is thousands of pages; a claim reads some hundred rows. */
const MOST_ROWS = 5_000;

const DIALECTS = { postgres: 'postgresql', mysql: 'mysql', sqlite: 'sqlite3' } as const;

for (const database of testDatabases())
  describe(`statements over lines touch what they need, of 100,000 keys: ${database.name}`, function () {
    this.timeout(120_000);
    let knex: Knex;
    let tables: TableNames;
    const terms = sqlTermsOf(DIALECTS[database.kind]);

    before(async () => {
      knex = knexPackage(database.createKnexConfig());
      tables = tablesOf(database.uniqueTable());
      await updateSchema(knex, tables, silentLogger);
      await fill(knex, tables, database);
    });

    after(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await knex.destroy();
    });

    if (database.kind === 'postgres')
      it('are not compiled by the server, which would take longer than they do', async () => {
        const t = lineTables(tables, terms);
        const dialect = postgresDialect(knex, tables);
        const ofBatch = [openPoolsSql(t, BATCH), untilReadySql(t, BATCH)];
        for (const text of [openPoolsSql(t), untilReadySql(t), ...ofBatch]) {
          const plan = await dialect.survey(`explain (analyze) ${text}`);
          expect(plan.map((row) => row['QUERY PLAN']).join('\n'))
            .to.include('Execution Time')
            .and.not.include('JIT:');
        }
      });

    if (database.kind === 'postgres')
      it('find slots by their index, however few there are', async () => {
        const t = lineTables(tables, terms);
        const ids = Array.from({ length: 100 }, (_, index) => index);
        const { text, values } = forIds(t, `explain delete from ${t.slots}`, 'program_id', ids);
        const plan = await postgresDialect(knex, tables).inTransaction((trx) => trx.read(text, values));
        expect(JSON.stringify(plan)).to.include('Index').and.not.include('Seq Scan');
      });

    if (database.kind === 'postgres')
      it('find the slot that is free first by an index: most rows of its table are dead', async () => {
        const dialect = postgresDialect(knex, tables);
        const asked: string[] = [];
        const survey = (text: string) => dialect.survey(text).finally(() => asked.push(text));
        await new HouseKeeping(
          { ...dialect, survey },
          lineTables(tables, terms),
          () => undefined,
        ).untilSlotFreeMs();
        const plan = await dialect.survey(`explain ${asked[0]}`);
        expect(JSON.stringify(plan)).to.include('slots_pkey').and.not.include('Seq Scan');
      });

    if (database.kind === 'postgres')
      it('tell of programs that leave and of their slots without comparing each with each', async () => {
        const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp, quote: terms.quote };
        const text = `explain ${recordSql(context).leave(100)}`;
        const plan = await postgresDialect(knex, tables).inTransaction((trx) =>
          trx.read(text, transitionArrays([])),
        );
        expect(JSON.stringify(plan))
          .to.include('Index Cond: (program_id = ANY')
          .and.not.include('Join Filter');
      });

    if (database.kind === 'postgres')
      it('claim what is first in its line without comparing each with each', async () => {
        const t = lineTables(tables, terms);
        const { text, values } = claimAtOnceSql(t, {
          searches: searchesOf(t, new Map([[1, 100]])),
          terms: { claimedBy: 'me', leaseMs: 1 },
          inSlots: true,
        });
        const plan = await postgresDialect(knex, tables).inTransaction((trx) =>
          trx.read(`explain ${text}`, values),
        );
        expect(JSON.stringify(plan))
          .to.match(/Index Cond: \(id = c\w*\.id\)/)
          .and.not.include('Join Filter')
          .and.not.include('Seq Scan');
      });

    if (database.kind === 'postgres')
      it('look up what they join, row by row, and in one process, which takes less time than to start another', async () => {
        const { lines, programs } = lineTables(tables, terms);
        const text = `explain select count(*) from ${lines} l join ${programs} p on p.id = l.id`;
        const plan = await postgresDialect(knex, tables).inTransaction((trx) => trx.read(text));
        expect(JSON.stringify(plan)).to.include('Nested Loop').and.not.include('Gather');
      });

    if (database.kind === 'postgres')
      it('are not compiled for lack of an index either', async () => {
        const text = `explain (analyze) select max(total) from ${lineTables(tables, terms).batches}`;
        const plan = await postgresDialect(knex, tables).inTransaction((trx) => trx.read(text));
        expect(JSON.stringify(plan)).to.include('Seq Scan').and.not.include('JIT');
      });

    for (const when of ['without statistics', 'with statistics'])
      it(when, async () => {
        const t = lineTables(tables, terms);
        if (when === 'with statistics') await analyze(knex, tables, database);
        const waiting = waitingSql(t, searchesOf(t, new Map([1, 2, 3].map((id) => [id, 10]))));
        for (const [what, text, values] of [
          ['asking lines', askingLinesSql(t), [1, 0, 100]],
          ['open pools', openPoolsSql(t), []],
          ['until ready', untilReadySql(t), []],
          ['asking lines of a batch', askingLinesSql(t, BATCH), [1, 0, 100]],
          ['open pools of a batch', openPoolsSql(t, BATCH), []],
          ['until a batch is ready', untilReadySql(t, BATCH), []],
          ['first waiting', waiting.text, waiting.values],
        ] as const)
          expect(await rowsRead(knex, database, text, values as Knex.RawBinding[]), what).to.be.below(
            MOST_ROWS,
          );
      });
  });

/** One program waits in each line of priority 0; the pool of the others is the same. */
async function fill(knex: Knex, tables: TableNames, { kind }: TestDatabase): Promise<void> {
  const numbers = {
    postgres: `(select n from generate_series(1, ${LINES}) n) numbers`,
    mysql: `(select seq as n from seq_1_to_${LINES}) numbers`,
    sqlite: `(with recursive c(n) as (select 1 union all select n + 1 from c where n < ${LINES}) select n from c) numbers`,
  }[kind];
  const key = kind === 'mysql' ? `concat('key ', n)` : `'key ' || n`;
  const run = kind === 'mysql' ? `concat('run ', n)` : `'run ' || n`;
  await knex(tables.pools).insert({ name: 'mail', max_parallelism: 10 });
  await knex.raw(
    `insert into ${tables.lines} (pool_id, batch_id, line_key, priority, turn_at) select 1, 0, ${key}, 0, n from ${numbers}`,
  );
  await knex.raw(
    `insert into ${tables.lines} (pool_id, batch_id, line_key, priority, turn_at)
     select 1, 0, ${key}, 5, case when n % 2 = 0 then 9000000000000 end from ${numbers} where n <= ${IDLE}`,
  );
  await knex(tables.batches).insert({ id: BATCH, code: 'ours', created_at: 1 });
  const ofBatch = Array.from({ length: 10 }, (_, n) => ({ line_key: `key ${n}`, turn_at: LINES + n }));
  await knex(tables.lines).insert(ofBatch.map((line) => ({ pool_id: 1, batch_id: BATCH, ...line })));
  await knex.raw(
    `insert into ${tables.programs} (run_id, program_data, jobs, job_data, due_at, line_id, ready_at)
     select ${run}, '{}', '[]', '{}', ${Number.MAX_SAFE_INTEGER - 1}, n, n from ${numbers}`,
  );
}

async function analyze(knex: Knex, tables: TableNames, { kind }: TestDatabase): Promise<void> {
  const statement = { postgres: 'analyze ??', mysql: 'analyze table ??', sqlite: 'analyze ??' }[kind];
  for (const table of [tables.programs, tables.lines, tables.pools, tables.batches])
    await knex.raw(statement, [table]);
}

/** How many rows, or pages of them, the statement has looked at; of SQLite, whether it walks over a table. */
async function rowsRead(
  knex: Knex,
  { kind }: TestDatabase,
  text: string,
  values: Knex.RawBinding[],
): Promise<number> {
  if (kind === 'sqlite') return (await walks(knex, text, values)) ? Infinity : 0;
  if (kind === 'mysql') return handlerReads(knex, text, values);
  const { rows } = await knex.raw<{ rows: Record<string, string>[] }>(
    `explain (analyze, buffers, timing off) ${text}`,
    values,
  );
  const [, hit = '0'] =
    /Buffers: shared hit=(\d+)/.exec(rows.map((row) => row['QUERY PLAN']).join('\n')) ?? [];
  return Number(hit);
}

/** Pools are few; lines and programs are to be found by an index, in its order. */
async function walks(knex: Knex, text: string, values: Knex.RawBinding[]): Promise<boolean> {
  const steps: { detail: string }[] = await knex.raw(`explain query plan ${text}`, values);
  const searched = steps.filter(({ detail }) => /^(SEARCH|SCAN) l\b/.test(detail));
  const isOfBatch = text.includes(`l.batch_id = ${BATCH} `);
  const index = isOfBatch ? '_batch_index (batch_id=?' : '_turn_index (pool_id=?';
  return searched.some(({ detail }) => !detail.includes(index));
}

async function handlerReads(knex: Knex, text: string, values: Knex.RawBinding[]): Promise<number> {
  return knex.transaction(async (trx) => {
    const reads = async (): Promise<number> => {
      const [rows] = (await trx.raw(`show session status like 'Handler_read%'`)) as [{ Value: string }[]];
      return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
    };
    const before = await reads();
    await trx.raw(text, values);
    return (await reads()) - before;
  });
}
