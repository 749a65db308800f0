import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../migrations/index.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { claimFromPool } from '../../src/program-handler/lines/claim-from-pool.js';
import { insertAndOpen } from '../../src/program-handler/lines/insert-lined.js';
import { leaveLines } from '../../src/program-handler/lines/leave.js';
import { lineTables, type LineTables } from '../../src/program-handler/lines/line-tables.js';
import { NEW_METER, NO_LIMITS } from '../../src/program-handler/lines/pool-row.js';
import { giveAllSlots, giveSlots } from '../../src/program-handler/lines/recent-claims.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { waitingConnection } from '../faults/harness/lock-waits.js';
import { testDatabases } from '../support/databases.js';
import { advance, newProgram } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const NEVER_MS = 9_000_000_000_000;

for (const database of testDatabases())
  describe(`recent claims from lines without limits: ${database.name}`, () => {
    let knex: Knex;
    let tables: MigrationTables;
    let dialect: Dialect;
    let t: LineTables;

    beforeEach(async () => {
      knex = knexPackage(database.createKnexConfig());
      tables = tablesOf(database.uniqueTable());
      await updateSchema(knex, tables, silentLogger);
      dialect = createDialect(knex, tables, 'auto');
      t = lineTables(tables, dialect.terms);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await knex.destroy();
    });

    async function claim(runIds: readonly string[], pool = ''): Promise<ClaimedRow[]> {
      const owner = { pool, batchId: null, key: '', priority: 0 };
      const programs = runIds.map((runId) => ({ ...newProgram(runId), owner, options: {} }));
      const { lines } = await dialect.inTransaction((trx) => insertAndOpen(trx, t, programs));
      const id = lines[0]?.poolId ?? 0;
      const search = {
        pool: { id, name: pool, limits: NO_LIMITS, ofKey: NO_LIMITS, ...NEW_METER },
        priorities: [0],
        batchId: undefined,
        limit: runIds.length,
      };
      const terms = { claimedBy: 'me', leaseMs: 60_000 };
      return dialect.inTransaction((trx) => claimFromPool(trx, t, search, terms));
    }

    const finish = (program: ClaimedRow) =>
      dialect.inTransaction((trx) => leaveLines(trx, t, [finished(program)]));

    const age = () => knex(tables.recentClaims).update({ claimed_at: 0 });
    const noted = async () =>
      (await knex(tables.recentClaims).orderBy('id').pluck<string[]>('program_ids')).map(
        (ids) => JSON.parse(ids) as number[],
      );
    const inSlots = async () =>
      (await knex(tables.slots).orderBy('program_id').pluck('program_id')).map(Number);

    it('are written down as a whole: their programs have no slots', async () => {
      const claimed = await claim(['a', 'b']);
      expect(await noted()).to.deep.equal([claimed.map(({ id }) => id)]);
      expect(await inSlots()).to.deep.equal([]);
    });

    it('take several rows where there are many programs', async () => {
      const claimed = await claim(Array.from({ length: 401 }, (_, index) => `run-${index}`));
      const rows = await noted();
      expect(rows.map(({ length }) => length)).to.deep.equal([200, 200, 1]);
      expect(rows.flat().sort()).to.deep.equal(claimed.map(({ id }) => id).sort());
    });

    it('are none where the pool has a name, as it may get limits: each program has a slot', async () => {
      const claimed = await claim(['a', 'b'], 'mail');
      expect(await noted()).to.deep.equal([]);
      expect(await inSlots()).to.deep.equal(claimed.map(({ id }) => id));
    });

    it('become slots of what still runs, and of nothing else', async () => {
      const [ended, ...running] = await claim(['a', 'b', 'c']);
      await finish(ended!);
      await age();
      await giveSlots(dialect, t);
      expect(await inSlots()).to.deep.equal(running.map(({ id }) => id));
      expect(await noted()).to.deep.equal([]);
      const slots = await knex(tables.slots).pluck('claimed_by');
      expect(slots).to.deep.equal(running.map(({ claimedBy }) => claimedBy));
    });

    it('are left alone while they are recent', async () => {
      await claim(['a']);
      await knex(tables.recentClaims).update({ claimed_at: NEVER_MS });
      await giveSlots(dialect, t);
      expect([await noted(), await inSlots()].map(({ length }) => length)).to.deep.equal([1, 0]);
    });

    it('become slots at once where somebody must know all of them', async () => {
      const [program] = await claim(['a']);
      await giveAllSlots(dialect, t);
      expect(await inSlots()).to.deep.equal([program?.id]);
    });

    it('give no slot to a program that waits again', async () => {
      const [program] = await claim(['a']);
      const again = { ...finished(program!), end: null, delayMs: 0 };
      await dialect.inTransaction((trx) => leaveLines(trx, t, [again]));
      await age();
      await giveSlots(dialect, t);
      expect(await inSlots()).to.deep.equal([]);
    });

    it('give a slot to a program whose row is gone: the sweep tells its batch', async () => {
      const [program] = await claim(['a']);
      await knex(tables.programs).delete();
      await age();
      await giveSlots(dialect, t);
      expect(await inSlots()).to.deep.equal([program?.id]);
    });

    if (database.kind !== 'sqlite')
      it('wait for an end that is just being written, and give it no slot', async () => {
        const others = knexPackage(database.createKnexConfig());
        const [program] = await claim(['a']);
        const trx = await others.transaction();
        await leaveLines(createDialect(others, tables, 'auto').within(trx), t, [finished(program!)]);
        const giving = giveAllSlots(dialect, t);
        await waitingConnection({ knex: others }, database);
        await trx.commit();
        await giving;
        expect(await inSlots()).to.deep.equal([]);
        await others.destroy();
      });
  });

/** A program ends with its first job. */
function finished(program: ClaimedRow) {
  const end = { ...advance(program), end: 'finished', release: true } as const;
  return { ...end, leaving: { runId: program.runId, line: program.line!, isRetry: false } };
}
