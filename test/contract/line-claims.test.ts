import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../migrations/index.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { Dialect, GroupTransaction } from '../../src/program-handler/dialects/dialect.js';
import { claimFromPool, type LineSearch } from '../../src/program-handler/lines/claim-from-pool.js';
import type { BatchRow } from '../../src/program-handler/lines/batch-row.js';
import { lockBatch } from '../../src/program-handler/lines/count-in-batches.js';
import { interruptBatch } from '../../src/program-handler/lines/interrupt-batch.js';
import { findEnded } from '../../src/program-handler/lines/find-ended.js';
import { lineFacts } from '../../src/program-handler/lines/line-facts.js';
import { insertAndOpen } from '../../src/program-handler/lines/insert-lined.js';
import { leaveLines } from '../../src/program-handler/lines/leave.js';
import { lineTables, type LineTables } from '../../src/program-handler/lines/line-tables.js';
import { NEW_METER, NO_LIMITS } from '../../src/program-handler/lines/pool-row.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases } from '../support/databases.js';
import { advance, newProgram } from '../support/dialect-rows.js';
import { gate } from './harness.js';
import { eventually } from '../support/eventually.js';
import { silentLogger } from '../support/silent-logger.js';

const BATCH = 1;
const TERMS = { claimedBy: 'me', leaseMs: 60_000 };

for (const database of testDatabases())
  describe(`claims from a line: ${database.name}`, () => {
    let knex: Knex;
    let tables: MigrationTables;
    let dialect: Dialect;
    let t: LineTables;
    let poolId: number;

    beforeEach(async () => {
      knex = knexPackage({ ...database.createKnexConfig(), pool: { min: 1, max: 1 } });
      tables = tablesOf(database.uniqueTable());
      await updateSchema(knex, tables, silentLogger);
      dialect = createDialect(knex, tables, 'auto');
      t = lineTables(tables, dialect.terms);
      poolId = await wait(['a', 'b', 'c']);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await knex.destroy();
    });

    /** Programs of one line; resolves with the id of their pool. */
    async function wait(runIds: string[], batchId: number | null = null): Promise<number> {
      const owner = { pool: '', batchId, key: '', priority: 0 };
      const programs = runIds.map((runId) => ({ ...newProgram(runId), owner, options: {} }));
      const { lines } = await dialect.inTransaction((trx) => insertAndOpen(trx, t, programs));
      return lines[0]?.poolId ?? 0;
    }

    function upTo(limit: number, batchId?: number): LineSearch {
      const pool = { id: poolId, name: '', limits: NO_LIMITS, ofKey: NO_LIMITS, ...NEW_METER };
      return { pool, priorities: [0], batchId, limit };
    }

    async function claim(limit: number): Promise<string[]> {
      const rows = await dialect.inTransaction((trx) => claimFromPool(trx, t, upTo(limit), TERMS));
      return rows.map(({ runId }) => runId).sort();
    }

    it('take each program once, the first first', async () => {
      expect(await claim(2)).to.deep.equal(['a', 'b']);
      expect(await claim(2)).to.deep.equal(['c']);
      expect(await claim(2)).to.deep.equal([]);
    });

    it('close a line in which nobody waits any more, though all of it runs', async () => {
      expect(await claim(5)).to.have.length(3);
      expect(await knex(tables.lines).pluck('turn_at')).to.deep.equal([null]);
    });

    it('leave a line its turn that asks alone: there is no other to go behind', async () => {
      await knex(tables.lines).update({ turn_at: 1 });
      expect(await claim(2)).to.deep.equal(['a', 'b']);
      expect((await knex(tables.lines).pluck('turn_at')).map(Number)).to.deep.equal([1]);
    });

    it('go by turns where two lines ask', async () => {
      await knex(tables.batches).insert({ id: BATCH, code: 'b', created_at: 1 });
      await wait(['x', 'y'], BATCH);
      const first = [await claim(1), await claim(1)];
      expect(first.flat().sort()).to.deep.equal(['a', 'x']);
      const second = [await claim(1), await claim(1)];
      expect(second.flat().sort()).to.deep.equal(['b', 'y']);
    });

    it('go by turns also where a worker for one batch sees no other line', async () => {
      await knex(tables.batches).insert({ id: BATCH, code: 'b', created_at: 1 });
      await wait(['x', 'y'], BATCH);
      await knex(tables.lines).update({ turn_at: 1 });
      const ofBatch = { ...upTo(1), batchId: BATCH };
      const [first] = await dialect.inTransaction((trx) => claimFromPool(trx, t, ofBatch, TERMS));
      expect(first?.runId).to.equal('x');
      await knex(tables.lines).where({ batch_id: 0 }).update({ turn_at: 2 });
      expect(await claim(1)).to.deep.equal(['a']);
    });

    it('leave nobody that runs before those that wait', async () => {
      await claim(1);
      expect(await lineFacts(dialect, t, 'c')).to.include({ programsBefore: 1 });
    });

    it('leave to the sweep what a person ended while it waited', async () => {
      await knex(tables.programs).where({ run_id: 'a' }).update({ errored_at: knex.fn.now() });
      expect(await claim(2)).to.deep.equal(['b']);
      const [row] = await knex(tables.programs).where({ run_id: 'a' }).select('id', 'ready_at');
      expect(row?.ready_at).to.equal(null);
      const held = await knex(tables.slots).where({ program_id: row?.id }).pluck('claimed_by');
      expect(held).to.deep.equal(['']);
    });

    it('are for their holders to end where a person cancels what runs', async () => {
      await claim(1);
      await knex(tables.programs).where({ run_id: 'a' }).update({ errored_at: knex.fn.now() });
      await dialect.inTransaction((trx) => findEnded(trx, t));
      const [row] = await knex(tables.programs).where({ run_id: 'a' }).select('claimed_by');
      expect(row).to.deep.equal({ claimed_by: 'me' });
    });

    it('end with their batch, or not at all', async () => {
      await knex(tables.batches).insert({ id: BATCH, code: 'b', created_at: 1 });
      await wait(['x'], BATCH);
      const [program] = await dialect.inTransaction((trx) =>
        claimFromPool(trx, t, { ...upTo(1), batchId: BATCH }, TERMS),
      );
      const line = { ...program!.line!, batchId: BATCH };
      const end = { ...advance(program!), end: 'finished', release: true } as const;
      const change = { ...end, leaving: { runId: 'x', line, isRetry: false } };
      const refusal = await dialect
        .inTransaction((trx) => leaveLines(withoutLocks(trx), t, [change]))
        .catch((error: unknown) => (error as Error).message);
      expect(refusal).to.equal('no lock');
      const [row] = await knex(tables.programs).where({ run_id: 'x' }).select('finished_at', 'claimed_by');
      expect(row).to.deep.equal({ finished_at: null, claimed_by: 'me' });
      expect(await knex(tables.attempts)).to.deep.equal([]);
    });

    /** The batch's row cannot be had, and that is found out at once. */
    function withoutLocks(trx: GroupTransaction): GroupTransaction {
      return {
        ...trx,
        read: (text, values) =>
          text.includes(`from ${t.batches} b`)
            ? Promise.reject(new Error('no lock'))
            : trx.read(text, values),
      };
    }

    it('take nothing of a batch that was stopped after its lines were found', async () => {
      await knex(tables.batches).insert({ id: BATCH, code: 'b', created_at: 1 });
      await wait(['x'], BATCH);
      const claimed = await dialect.inTransaction((trx) => {
        const stopping: GroupTransaction = {
          ...trx,
          read: async (text, values) => {
            const rows = await trx.read(text, values);
            if (text.includes('l.turn_at <='))
              await trx.run(`update ${t.batches} set status = 'interrupted'`);
            return rows;
          },
        };
        return claimFromPool(stopping, t, upTo(1, BATCH), TERMS);
      });
      expect(claimed).to.deep.equal([]);
    });

    it('spend tokens at their own moment, however long before it these were counted', async () => {
      await knex(tables.pools).update({ rate_requests: 1, rate_window_ms: 1_000 });
      const rate = { requests: 1, windowMs: 1_000 };
      const search = { ...upTo(1), pool: { ...upTo(1).pool, limits: { ...NO_LIMITS, rate } } };
      const clock = async (trx: GroupTransaction) =>
        Number((await trx.read(`select ${t.terms.nowMs} as now_ms`))[0]?.['now_ms']);
      await dialect.inTransaction((trx) => {
        const slow: GroupTransaction = {
          ...trx,
          read: async (text, values) => {
            const rows = await trx.read(text, values);
            const countedAtMs = await clock(trx);
            if (text.includes('l.turn_at <='))
              await eventually('the clock has gone on', async () => (await clock(trx)) > countedAtMs);
            return rows;
          },
        };
        return claimFromPool(slow, t, search, TERMS);
      });
      const [{ claimed_until: until }] = await knex(tables.programs).whereNotNull('claimed_by');
      const [{ missing_at: spentAt }] = await knex(tables.pools);
      expect(Number(spentAt)).to.be.at.least(Number(until) - TERMS.leaseMs);
    });

    it('go on behind those that run, and come back for what is ready before them', async () => {
      await wait(['d']);
      expect(await claim(2)).to.deep.equal(['a', 'b']);
      await knex(tables.programs).where({ run_id: 'd' }).update({ ready_at: 1 });
      expect(await claim(1)).to.deep.equal(['c']);
      expect(await claim(1)).to.deep.equal([]);
      expect(await claim(1)).to.deep.equal(['d']);
    });

    if (database.name === 'postgres')
      it('are waited for by an interruption of their batch', async () => {
        const others = knexPackage(database.createKnexConfig());
        const theirs = createDialect(others, tables, 'auto');
        await knex(tables.batches).insert({ id: BATCH, code: 'b', created_at: 1 });
        await wait(['x'], BATCH);
        const [claimed, commit] = [gate(), gate()];
        const order: string[] = [];
        const claiming = theirs.inTransaction(async (trx) => {
          await claimFromPool(trx, t, upTo(1, BATCH), TERMS);
          claimed.open();
          await commit.opened;
        });
        await claimed.opened;
        const interrupting = dialect
          .inTransaction(async (trx) => {
            const batch = (await lockBatch(trx, t, BATCH)) as BatchRow;
            await interruptBatch(trx, t, batch, { reason: 'manual', message: '' });
          })
          .then(() => order.push('interrupted'));
        await eventually('the interruption waits', async () => {
          const waiting = await others('pg_stat_activity')
            .where('wait_event_type', 'Lock')
            .whereLike('query', `%${tables.lines}%`);
          return waiting.length > 0;
        });
        order.push('claimed');
        commit.open();
        await Promise.all([claiming, interrupting]);
        await others.destroy();
        expect(order).to.deep.equal(['claimed', 'interrupted']);
      });

    if (database.name === 'postgres')
      it('write to no index of the programs', async () => {
        const written = await dialect.inTransaction(async (trx) => {
          await claimFromPool(trx, t, upTo(3), TERMS);
          const text = 'select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = ?';
          return trx.read(text, [tables.programs]);
        });
        expect(written).to.deep.equal([{ n_tup_upd: '3', n_tup_hot_upd: '3' }]);
      });
  });
