import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { faultKind } from '../../src/program-handler/database-faults.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import { sqliteDialect } from '../../src/program-handler/dialects/sqlite.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { sqliteDatabases } from '../support/databases.js';
import { advance, newProgram } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const TABLES = tablesOf('programs');
const LEASE = { claimedBy: 'me', leaseMs: 60_000 };
const WAYS = ['at once on its connection', 'one by one through knex'] as const;

for (const database of sqliteDatabases())
  for (const way of WAYS)
    describe(`dialect of ${database.name}, statements ${way}`, () => {
      let config: Knex.Config;
      let knex: Knex;
      let dialect: Dialect;

      beforeEach(async () => {
        config = database.createKnexConfig();
        knex = knexPackage(config);
        if (way === 'one by one through knex') Object.assign(knex.client, { driverName: 'sqlite3' });
        await knex.raw('pragma busy_timeout = 0');
        await updateSchema(knex, TABLES, silentLogger);
        dialect = sqliteDialect(knex, TABLES);
      });

      afterEach(() => knex.destroy());

      async function claimed(...runIds: string[]): Promise<ClaimedRow[]> {
        await dialect.insert(
          runIds.map((runId) => newProgram(runId)),
          knex,
        );
        return dialect.claimRung(runIds, LEASE);
      }

      const rowOf = (runId: string) => knex('programs').where({ run_id: runId }).first();

      it('writes a step and its attempt, and leaves the program to its holder', async () => {
        const [program] = await claimed('a');
        const before = await rowOf('a');
        expect(await dialect.transition([advance(program!)], knex)).to.deep.equal([program!.id]);
        expect(await rowOf('a')).to.include({ step: 1, claimed_by: 'me', due_at: before.due_at });
        expect(await knex('programs_attempts').select('program_id', 'step', 'job')).to.deep.equal([
          { program_id: program!.id, step: 0, job: 'first' },
        ]);
      });

      it('ends a program and its claim', async () => {
        const [program] = await claimed('a');
        await dialect.transition([{ ...advance(program!), end: 'finished', release: true }], knex);
        const row = await rowOf('a');
        expect(row).to.include({ claimed_by: null, claimed_until: null, errored_at: null });
        expect(row.finished_at).to.equal(row.updated_at);
      });

      it('makes a retried program due after its delay', async () => {
        const [program] = await claimed('a');
        const retry = { ...advance(program!), nextStep: 0, errorMessage: 'later', release: true };
        await dialect.transition([{ ...retry, delayMs: 5_000 }], knex);
        const [endedAtMs] = (await knex('programs_attempts').pluck('finished_at')) as number[];
        expect(await rowOf('a')).to.include({ due_at: endedAtMs! + 5_000, error_message: 'later' });
        expect(await dialect.untilDueMs(0)).to.be.within(1, 5_000);
      });

      it('changes nothing where the guard holds no longer, and says which rows it changed', async () => {
        const [fenced, cancelled, moved, mine] = await claimed('a', 'b', 'c', 'd');
        await knex('programs').where({ run_id: 'b' }).update({ errored_at: 'now' });
        const changes = [
          { ...advance(fenced!), fence: fenced!.fence - 1 },
          advance(cancelled!),
          { ...advance(moved!), step: 1 },
          { ...advance(mine!) },
        ];
        expect(await dialect.transition(changes, knex)).to.deep.equal([mine!.id]);
        expect(await knex('programs').orderBy('id').pluck('step')).to.deep.equal([0, 0, 0, 1]);
        expect(await knex('programs_attempts').pluck('program_id')).to.deep.equal([mine!.id]);
      });

      it('saves job data and renews leases for holders only', async () => {
        const [mine, lost] = await claimed('a', 'b');
        const claims = [mine!, { ...lost!, claimedBy: 'another' }];
        expect(await dialect.renew(claims, 3_600_000)).to.deep.equal([mine!.id]);
        const writes = claims.map((claim) => ({ ...claim, jobData: '{"first":{"n":1}}' }));
        expect(await dialect.saveJobData(writes)).to.deep.equal([mine!.id]);
        expect(await knex('programs').orderBy('id').pluck('job_data')).to.deep.equal([
          '{"first":{"n":1}}',
          '{}',
        ]);
      });

      it('writes the whole group or nothing, and goes on after a refused row', async () => {
        const [good, bad] = await claimed('good', 'bad');
        await knex.raw(
          "create trigger refusal before update on programs when new.run_id = 'bad' " +
            "begin select raise(abort, 'constraint failed'); end",
        );
        const refusal = await dialect.transition([advance(good!), advance(bad!)], knex).catch(faultKind);
        expect(refusal).to.equal('data');
        expect((await rowOf('good')).step).to.equal(0);
        expect(await dialect.transition([advance(good!)], knex)).to.deep.equal([good!.id]);
      });

      it('reports a file that another process writes to as a passing fault', async () => {
        const [program] = await claimed('a');
        const other = knexPackage(config);
        try {
          const writer = await other.transaction();
          await writer('programs').update({ step: 0 });
          const refusal = await dialect.transition([advance(program!)], knex).catch(faultKind);
          expect(refusal).to.equal('transient');
          await writer.rollback();
        } finally {
          await other.destroy();
        }
        expect(await dialect.transition([advance(program!)], knex)).to.deep.equal([program!.id]);
      });

      it("takes part in the caller's transaction", async () => {
        const trx = await knex.transaction();
        await dialect.insert([newProgram('a'), newProgram('b')], trx);
        await trx.rollback();
        expect(await knex('programs')).to.deep.equal([]);
      });
    });
