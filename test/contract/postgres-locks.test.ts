import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import type { Dialect, TableNames } from '../../src/program-handler/dialects/dialect.js';
import { postgresDialect } from '../../src/program-handler/dialects/postgres.js';
import { createControl } from '../../src/program-handler/control/index.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { eventually } from '../support/eventually.js';
import { testDatabases } from '../support/databases.js';
import { advance, newProgram } from '../support/dialect-rows.js';
import { accessTo, callOf } from '../support/intervening.js';
import { silentLogger } from '../support/silent-logger.js';

const LEASE = { claimedBy: 'me', leaseMs: 60_000 };

for (const database of testDatabases().filter(({ name }) => name === 'postgres'))
  describe('a step on postgres whose row another transaction has changed, not yet committed', () => {
    let tables: TableNames;
    let knex: Knex;
    let others: Knex;
    let dialect: Dialect;
    let program: ClaimedRow;
    let writer: Knex.Transaction;
    let pid: number;

    before(async () => {
      knex = knexPackage({ ...database.createKnexConfig(), pool: { min: 1, max: 1 } });
      others = knexPackage(database.createKnexConfig());
      const { rows } = await knex.raw<{ rows: [{ pid: number }] }>('select pg_backend_pid() as pid');
      [{ pid }] = rows;
    });

    beforeEach(async () => {
      const programs = database.uniqueTable();
      tables = tablesOf(programs);
      await updateSchema(others, tables, silentLogger);
      dialect = postgresDialect(knex, tables);
      await dialect.insert([newProgram('a')], knex);
      [program] = (await dialect.claimRung(['a'], LEASE)) as [ClaimedRow];
      writer = await others.transaction();
    });

    afterEach(async () => {
      if (!writer.isCompleted()) await writer.rollback();
      for (const table of Object.values({ ...tables })) await others.schema.dropTableIfExists(table);
    });

    after(() => Promise.all([knex.destroy(), others.destroy()]));

    const cancel = () =>
      createControl(accessTo(writer, tables, dialect)).interventions.cancel('a', callOf('cancel'));

    /** The step is under way, and waits for the writer's end. */
    async function waitingStep(): Promise<{ changed: Promise<number[]> }> {
      const changed = dialect.transition([advance(program)], knex);
      await eventually('the step waits for the lock', async () => {
        const { rows } = await others.raw<{ rows: { waits: boolean }[] }>(
          'select cardinality(pg_blocking_pids(?)) > 0 as waits',
          [pid],
        );
        return rows[0]?.waits;
      });
      return { changed };
    }

    const row = () => others(tables.programs).first('step', 'errored_at');
    const attempts = () => others(tables.attempts).pluck('job');

    it('is written after its own lease was renewed', async () => {
      await postgresDialect(writer, tables).renew([program], 3_600_000);
      const { changed } = await waitingStep();
      await writer.commit();
      expect(await changed).to.deep.equal([program.id]);
      expect(await row()).to.deep.equal({ step: 1, errored_at: null });
      expect(await attempts()).to.deep.equal(['first']);
    });

    it('is refused after its program was cancelled', async () => {
      await cancel();
      const { changed } = await waitingStep();
      await writer.commit();
      expect(await changed).to.deep.equal([]);
      expect(await row())
        .to.include({ step: 0 })
        .and.property('errored_at')
        .not.equal(null);
      expect(await attempts()).to.deep.equal([]);
    });

    it('is written after the cancelling was rolled back', async () => {
      await cancel();
      const { changed } = await waitingStep();
      await writer.rollback();
      expect(await changed).to.deep.equal([program.id]);
      expect(await row()).to.deep.equal({ step: 1, errored_at: null });
    });

    it('is refused after another worker took its program over', async () => {
      await others(tables.programs).update({ claimed_until: 1 });
      const [taken] = await postgresDialect(writer, tables).claimRung(['a'], {
        ...LEASE,
        claimedBy: 'other',
      });
      expect(taken).to.include({ fence: program.fence + 1 });
      const { changed } = await waitingStep();
      await writer.commit();
      expect(await changed).to.deep.equal([]);
      expect(await row()).to.deep.equal({ step: 0, errored_at: null });
    });
  });
