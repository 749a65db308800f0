import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../migrations/index.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import { claimFromPool } from '../../src/program-handler/lines/claim-from-pool.js';
import { insertAndOpen } from '../../src/program-handler/lines/insert-lined.js';
import { lineTables, type LineTables } from '../../src/program-handler/lines/line-tables.js';
import { NEW_METER, NO_LIMITS } from '../../src/program-handler/lines/pool-row.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { waitingConnection } from '../faults/harness/lock-waits.js';
import { testDatabases } from '../support/databases.js';
import { newProgram } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

for (const database of testDatabases().filter(({ kind }) => kind !== 'sqlite'))
  describe(`a claim that waits for somebody who changes what it has chosen: ${database.name}`, () => {
    let knex: Knex;
    let others: Knex;
    let tables: MigrationTables;
    let dialect: Dialect;
    let t: LineTables;

    beforeEach(async () => {
      knex = knexPackage(database.createKnexConfig());
      others = knexPackage(database.createKnexConfig());
      tables = tablesOf(database.uniqueTable());
      await updateSchema(knex, tables, silentLogger);
      dialect = createDialect(knex, tables, 'auto');
      t = lineTables(tables, dialect.terms);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await Promise.all([knex.destroy(), others.destroy()]);
    });

    /** One program of this key; resolves with its line. */
    async function wait(runId: string, key: string) {
      const owner = { pool: '', batchId: null, key, priority: 0 };
      const programs = [{ ...newProgram(runId), owner, options: {} }];
      const { lines } = await dialect.inTransaction((trx) => insertAndOpen(trx, t, programs));
      return lines[0]!;
    }

    /** What is claimed where `change` is committed only when the claim waits for its row. */
    async function claimBeside(change: (trx: Knex.Transaction) => PromiseLike<unknown>, ofKey = NO_LIMITS) {
      const pool = { id: (await knex(tables.pools).first('id')).id as number, name: '' };
      const search = {
        pool: { ...pool, limits: NO_LIMITS, ofKey, ...NEW_METER },
        priorities: [0],
        batchId: undefined,
        limit: 2,
      };
      const trx = await others.transaction();
      await change(trx);
      const claiming = dialect.inTransaction((own) =>
        claimFromPool(own, t, search, { claimedBy: 'me', leaseMs: 60_000 }),
      );
      await waitingConnection({ knex: others }, database);
      await trx.commit();
      return claiming;
    }

    it('leaves a program alone that was moved to another line', async () => {
      const { id } = await wait('other', 'other');
      await knex(tables.programs).where({ run_id: 'other' }).delete();
      await wait('moved', 'k');
      const claimed = await claimBeside((trx) =>
        trx(tables.programs).where({ run_id: 'moved' }).update({ line_id: id }),
      );
      expect(claimed).to.deep.equal([]);
      expect([...(await knex(tables.slots)), ...(await knex(tables.recentClaims))]).to.deep.equal([]);
    });

    it('leaves the line open of a key whose first program was cancelled: nothing of it runs', async () => {
      await wait('cancelled', 'k');
      await wait('next', 'k');
      await knex(tables.pools).update({ key_max_parallelism: 1 });
      const claimed = await claimBeside(
        (trx) =>
          trx(tables.programs)
            .where({ run_id: 'cancelled' })
            .update({ errored_at: trx.fn.now(), ready_at: null }),
        { ...NO_LIMITS, maxParallelism: 1 },
      );
      expect(claimed).to.deep.equal([]);
      expect(await knex(tables.lines).whereNull('turn_at')).to.deep.equal([]);
    });
  });
