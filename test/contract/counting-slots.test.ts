import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../migrations/index.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { Dialect, GroupTransaction } from '../../src/program-handler/dialects/dialect.js';
import { claimFromPool, type LineSearch } from '../../src/program-handler/lines/claim-from-pool.js';
import { insertAndOpen } from '../../src/program-handler/lines/insert-lined.js';
import { leaveLines, type LeavingTransition } from '../../src/program-handler/lines/leave.js';
import { lineTables, type LineTables } from '../../src/program-handler/lines/line-tables.js';
import { NEW_METER, NO_LIMITS } from '../../src/program-handler/lines/pool-row.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { testDatabases } from '../support/databases.js';
import { advance, newProgram } from '../support/dialect-rows.js';
import { eventually } from '../support/eventually.js';
import { silentLogger } from '../support/silent-logger.js';

const MOST = 3;
const TERMS = { claimedBy: 'me', leaseMs: 60_000 };

for (const database of testDatabases())
  describe(`what runs in a pool with a limit: ${database.name}`, () => {
    let knex: Knex;
    let tables: MigrationTables;
    let dialect: Dialect;
    let poolId: number;

    beforeEach(async () => {
      knex = knexPackage(database.createKnexConfig());
      tables = tablesOf(database.uniqueTable());
      await updateSchema(knex, tables, silentLogger);
      dialect = createDialect(knex, tables, 'auto');
      poolId = await wait(100);
      await knex(tables.pools).update({ max_parallelism: MOST });
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await knex.destroy();
    });

    /** Of one line; resolves with the id of their pool. */
    async function wait(count: number, key = ''): Promise<number> {
      const owner = { pool: 'mail', batchId: null, key, priority: 0 };
      const programs = Array.from({ length: count }, (_, n) => ({
        ...newProgram(`${key}${n}`),
        owner,
        options: {},
      }));
      const { lines } = await dialect.inTransaction((trx) => insertAndOpen(trx, aProcess(), programs));
      return lines[0]?.poolId ?? 0;
    }

    /** What one of several processes knows. */
    function aProcess(): LineTables {
      return lineTables(tables, dialect.terms);
    }

    function search(limit = 1_000): LineSearch {
      const limits = { ...NO_LIMITS, maxParallelism: MOST };
      const pool = { id: poolId, name: 'mail', limits, ofKey: NO_LIMITS, ...NEW_METER };
      return { pool, priorities: [0], batchId: undefined, limit };
    }

    /** Of a pool that seems to have room, so that it must be counted. */
    async function claim(t: LineTables, limit?: number): Promise<ClaimedRow[]> {
      await knex(tables.pools).update({ open_at: 0 });
      return dialect.inTransaction((trx) => claimFromPool(trx, t, search(limit), TERMS));
    }

    async function end(t: LineTables, programs: readonly ClaimedRow[]): Promise<void> {
      const changes = programs.map((program): LeavingTransition => ({
        ...advance(program),
        end: 'finished',
        release: true,
        leaving: { runId: program.runId, line: program.line!, isRetry: false },
      }));
      await dialect.inTransaction((trx) => leaveLines(trx, t, changes));
    }

    it('is counted also where it was there long before what came and went', async () => {
      const t = aProcess();
      const [first] = await claim(t, 1);
      for (let round = 0; round < 5; round++) {
        const others = await claim(t);
        expect(others).to.have.length(MOST - 1);
        await end(t, others);
      }
      await end(t, [first!]);
      expect(await claim(t)).to.have.length(MOST);
    });

    it('is counted where nothing had run before', async () => {
      const t = aProcess();
      for (let round = 0; round < 3; round++) {
        const all = await claim(t);
        expect(all).to.have.length(MOST);
        expect(await claim(t)).to.deep.equal([]);
        await end(t, all);
      }
    });

    it('is counted by each process, whoever has claimed it', async () => {
      const [one, other] = [aProcess(), aProcess()];
      const first = await claim(one, 1);
      const rest = await claim(other);
      expect(rest).to.have.length(MOST - 1);
      expect(await claim(one)).to.deep.equal([]);
      await end(one, first);
      expect(await claim(other)).to.have.length(1);
      await end(other, rest);
      expect(await claim(one)).to.have.length(MOST - 1);
      expect(await claim(other)).to.deep.equal([]);
    });

    it('is counted after a claim that was rolled back', async () => {
      const t = aProcess();
      const refused = await dialect
        .inTransaction(async (trx) => {
          await claimFromPool(trx, t, search(), TERMS);
          throw new Error('rolled back');
        })
        .catch((error: unknown) => (error as Error).message);
      expect(refused).to.equal('rolled back');
      expect(await claim(t)).to.have.length(MOST);
      expect(await claim(t)).to.deep.equal([]);
    });

    it('is counted with and without a key', async () => {
      const t = aProcess();
      await wait(10, 'tenant');
      const claimed = [...(await claim(t, 1)), ...(await claim(t, 1)), ...(await claim(t, 1))];
      expect(new Set(claimed.map(({ line }) => line?.key))).to.deep.equal(new Set(['', 'tenant']));
      expect(await claim(t)).to.deep.equal([]);
    });

    if (database.name === 'postgres')
      it('is counted though somebody has looked while the pool was being opened', async () => {
        const [one, other] = [aProcess(), aProcess()];
        await knex(tables.pools).update({ open_at: null });
        const claimed = await dialect.inTransaction(async (trx) => {
          await trx.run(`update ${one.pools} set open_at = 0`, []);
          const mine = await claimFromPool(trx, one, search(), TERMS);
          // Of a program that was ended by hand: the sweep's, which has no lock on the pool.
          await knex(tables.slots).insert(slot(1_000));
          expect(await dialect.inTransaction((theirs) => closed(theirs, other))).to.deep.equal([]);
          return mine;
        });
        expect(claimed).to.have.length(MOST);
        await knex(tables.slots).where({ program_id: 1_000 }).delete();
        expect(await claim(other)).to.deep.equal([]);
      });

    /** A claim that finds the pool closed. */
    function closed(trx: GroupTransaction, t: LineTables): Promise<ClaimedRow[]> {
      const read: GroupTransaction['read'] = (text, values) =>
        text.includes('open_at <=') ? Promise.resolve([]) : trx.read(text, values);
      return claimFromPool({ ...trx, read }, t, search(), TERMS);
    }

    if (database.name === 'postgres')
      it('is counted without walking past what is gone, though a transaction might still see that', async () => {
        const t = aProcess();
        const onlooker = await knex.transaction({ isolationLevel: 'repeatable read' });
        try {
          await onlooker.select(knex.raw('1'));
          await knex(tables.slots).insert(Array.from({ length: 5_000 }, (_, n) => slot(n)));
          await knex(tables.slots).delete();
          // After a second it starts anew.
          await eventually('few pages are read', async () => {
            await end(t, await claim(t));
            return (await pagesOfCount(t)) < 10;
          });
          expect(await pagesOfCount(aProcess())).to.be.above(50);
        } finally {
          await onlooker.rollback();
        }
      });

    if (database.name === 'postgres')
      it('is counted of each key by the index of those that have one', async () => {
        const t = aProcess();
        await wait(10, 'tenant');
        await knex(tables.pools).update({ key_max_parallelism: 1 });
        const others = Array.from({ length: 5_000 }, (_, n) => ({ ...slot(n), line_key: `tenant ${n}` }));
        await knex(tables.slots).insert(others);
        const plan = await planOf(t, 'group by line_key', search());
        expect(plan).to.include('slots_key_index').and.not.include('Seq Scan');
      });

    if (database.name === 'postgres')
      it('is counted in a table of slots that had no numbers', async () => {
        await knex.schema.alterTable(tables.slots, (t) => t.dropColumn('id'));
        await updateSchema(knex, tables, silentLogger);
        const t = aProcess();
        expect(await claim(t)).to.have.length(MOST);
        expect(await claim(t)).to.deep.equal([]);
      });

    function slot(programId: number) {
      return {
        program_id: programId,
        claimed_by: '',
        line_id: 1,
        pool_id: poolId,
        batch_id: 0,
        line_key: '',
      };
    }

    /** How many pages of the slots are read to count them. */
    async function pagesOfCount(t: LineTables): Promise<number> {
      return Number(/Buffers: shared hit=(\d+)/.exec(await planOf(t, 'first_id', search(0)))?.[1]);
    }

    /** What became of the statement of a claim that has these words in it. */
    async function planOf(t: LineTables, words: string, what: LineSearch): Promise<string> {
      let plan = '';
      await dialect.inTransaction((trx) => {
        const explaining: GroupTransaction = {
          ...trx,
          read: async (text, values) => {
            if (text.includes(words))
              plan = JSON.stringify(await trx.read(`explain (analyze, buffers) ${text}`, values));
            return trx.read(text, values);
          },
        };
        return claimFromPool(explaining, t, what, TERMS);
      });
      return plan;
    }
  });
