import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf, type MigrationTables } from '../../migrations/index.js';
import { createDialect } from '../../src/program-handler/dialects/create-dialect.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import type { ClaimedRow, Row } from '../../src/program-handler/rows.js';
import { expireClaims } from '../../src/program-handler/expire-claims.js';
import { claimFromPool } from '../../src/program-handler/lines/claim-from-pool.js';
import { insertAndOpen } from '../../src/program-handler/lines/insert-lined.js';
import { leaveLines } from '../../src/program-handler/lines/leave.js';
import { lineTables, type LineTables } from '../../src/program-handler/lines/line-tables.js';
import { NEW_METER, NO_LIMITS } from '../../src/program-handler/lines/pool-row.js';
import {
  giveOwnSlots,
  giveSlots,
  giveSlotsOfWorker,
  programIdsOf,
} from '../../src/program-handler/lines/recent-claims.js';
import { updateSchema } from '../../src/program-handler/schema.js';
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
    let claims = 0;
    /** Of another process, which knows nothing of what this one has claimed. */
    let others: LineTables;

    beforeEach(async () => {
      knex = knexPackage(database.createKnexConfig());
      tables = tablesOf(database.uniqueTable());
      await updateSchema(knex, tables, silentLogger);
      dialect = createDialect(knex, tables, 'auto');
      t = lineTables(tables, dialect.terms);
      others = lineTables(tables, dialect.terms);
    });

    afterEach(async () => {
      for (const table of Object.values({ ...tables })) await knex.schema.dropTableIfExists(table);
      await knex.destroy();
    });

    async function claim(runIds: readonly string[], { pool = '', priority = 0 } = {}): Promise<ClaimedRow[]> {
      const owner = { pool, batchId: null, key: '', priority };
      const programs = runIds.map((runId) => ({ ...newProgram(runId), owner, options: {} }));
      const { lines } = await dialect.inTransaction((trx) => insertAndOpen(trx, t, programs));
      const id = lines[0]?.poolId ?? 0;
      const search = {
        pool: { id, name: pool, limits: NO_LIMITS, ofKey: NO_LIMITS, ...NEW_METER },
        priorities: [priority],
        batchId: undefined,
        limit: runIds.length,
      };
      const terms = { claimedBy: `me:${(claims += 1)}`, leaseMs: 60_000 };
      return dialect.inTransaction((trx) => claimFromPool(trx, t, search, terms));
    }

    const finish = (program: ClaimedRow) =>
      dialect.inTransaction((trx) => leaveLines(trx, t, [finished(program)]));

    const age = () => knex(tables.recentClaims).update({ claimed_at: 0 });
    const noted = async () =>
      (await knex<Row>(tables.recentClaims).orderBy('id')).map((claim) => programIdsOf([claim]));
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
      const claimed = await claim(['a', 'b'], { pool: 'mail' });
      expect(await noted()).to.deep.equal([]);
      expect(await inSlots()).to.deep.equal(claimed.map(({ id }) => id));
    });

    it('name the lines of their programs', async () => {
      const [[first], [second]] = [await claim(['a']), await claim(['b'], { priority: 1 })];
      const claims = await knex<Row>(tables.recentClaims);
      expect(programIdsOf(claims, [first!.lineId!])).to.deep.equal([first!.id]);
      expect(programIdsOf(claims, [second!.lineId!])).to.deep.equal([second!.id]);
    });

    it('become slots of what still runs, and of nothing else', async () => {
      const [ended, ...running] = await claim(['a', 'b', 'c']);
      await finish(ended!);
      await age();
      await giveSlots(dialect, others);
      expect(await inSlots()).to.deep.equal(running.map(({ id }) => id));
      expect(await noted()).to.deep.equal([]);
      const slots = await knex(tables.slots).pluck('claimed_by');
      expect(slots).to.deep.equal(running.map(({ claimedBy }) => claimedBy));
    });

    it('are left to their workers while they are recent', async () => {
      await claim(['a']);
      await knex(tables.recentClaims).update({ claimed_at: NEVER_MS });
      await giveSlots(dialect, others);
      expect([await noted(), await inSlots()].map(({ length }) => length)).to.deep.equal([1, 0]);
    });

    it('become slots at once where somebody knows that their worker is dead', async () => {
      const [program] = await claim(['a']);
      await giveSlotsOfWorker(dialect, others, 'm');
      expect(await inSlots()).to.deep.equal([]);
      await giveSlotsOfWorker(dialect, others, 'me');
      expect(await inSlots()).to.deep.equal([program?.id]);
    });

    it('give no slot to a program that waits again', async () => {
      const [program] = await claim(['a']);
      const again = { ...finished(program!), end: null, delayMs: 0 };
      await dialect.inTransaction((trx) => leaveLines(trx, t, [again]));
      await age();
      await giveSlots(dialect, others);
      expect(await inSlots()).to.deep.equal([]);
    });

    it('give a slot to a program whose row is gone: the sweep tells its batch', async () => {
      const [gone, running] = await claim(['a', 'b']);
      await knex(tables.programs).where({ id: gone?.id }).delete();
      await giveOwnSlots(dialect, t);
      expect(await inSlots()).to.deep.equal([gone?.id, running?.id]);
    });

    it('give one to a program whose row goes while it is looked at', async () => {
      const [program] = await claim(['a']);
      const deleting = deletesBefore(dialect, 'insert into');
      await giveOwnSlots(deleting, t);
      expect(await inSlots()).to.deep.equal([program?.id]);
    });

    it('give none to a program that has left, as its worker knows, though its row is gone since', async () => {
      const [left, running] = await claim(['a', 'b']);
      await finish(left!);
      t.ownClaims.left(left!.claimedBy, left!.id);
      await knex(tables.programs).where({ id: left?.id }).delete();
      await giveOwnSlots(dialect, t);
      expect(await inSlots()).to.deep.equal([running?.id]);
      expect(await noted()).to.deep.equal([]);
    });

    it('are forgotten by their worker with their rows, whoever has given the slots', async () => {
      await claim(['a']);
      await age();
      await giveSlots(dialect, t);
      expect(t.ownClaims.all()).to.deep.equal([]);
      await claim(['b']);
      await knex(tables.recentClaims).delete();
      await giveOwnSlots(dialect, t);
      expect(t.ownClaims.untilDueMs()).to.equal(undefined);
    });

    if (database.kind !== 'sqlite')
      it('end with their worker also where somebody is just giving them slots', async () => {
        await claim(['a']);
        const other = knexPackage(database.createKnexConfig());
        const trx = await other.transaction();
        await trx(tables.recentClaims).delete();
        const { lined } = await expireClaims(knex, tables, t.terms, 'me');
        expect(lined).to.deep.equal(['a']);
        await trx.commit();
        await other.destroy();
      });

    /** Somebody deletes all programs just before the first of these statements. */
    function deletesBefore(of: Dialect, start: string): Dialect {
      return {
        ...of,
        terms: of.terms,
        inTransaction: (work) =>
          of.inTransaction((trx) =>
            work({
              ...trx,
              run: async (text, values) => {
                if (text.trimStart().startsWith(start)) await trx.run(`delete from ${t.programs}`);
                return trx.run(text, values);
              },
            }),
          ),
      };
    }
  });

/** A program ends with its first job. */
function finished(program: ClaimedRow) {
  const end = { ...advance(program), end: 'finished', release: true } as const;
  return { ...end, leaving: { runId: program.runId, line: program.line!, isRetry: false } };
}
