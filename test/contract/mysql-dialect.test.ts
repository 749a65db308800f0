import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { faultKind } from '../../src/program-handler/database-faults.js';
import type { Dialect, TableNames } from '../../src/program-handler/dialects/dialect.js';
import { mysqlDialect } from '../../src/program-handler/dialects/mysql.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';
import { updateSchema } from '../../src/program-handler/schema.js';
import { testDatabases } from '../support/databases.js';
import { advance, newProgram } from '../support/dialect-rows.js';
import { silentLogger } from '../support/silent-logger.js';

const LEASE = { claimedBy: 'me', leaseMs: 60_000 };

/** The part of a connection of mysql2 that the servers below replace. */
interface Connection {
  execute(text: string, values: unknown[], callback: (error: object | null) => void): void;
  query(text: string, callback: (error: Error | null) => void): void;
}

/** What servers may be like, made of the one that is there. */
const SERVERS: Readonly<Record<string, (connection: Connection) => void>> = {
  'as it is': () => undefined,
  'that takes no blocks of statements': (connection) =>
    refuse(connection, 'ER_PARSE_ERROR', (text) => text.startsWith('begin not atomic')),
  'that prepares nothing': (connection) => refuse(connection, 'ER_UNSUPPORTED_PS', () => true),
  'that keeps lists short': (connection) =>
    connection.query('set session group_concat_max_len = 4', () => undefined),
};

for (const database of testDatabases().filter(({ kind }) => kind === 'mysql'))
  for (const [server, change] of Object.entries(SERVERS))
    describe(`dialect of ${database.name}, a server ${server}`, () => {
      let tables: TableNames;
      let knex: Knex;
      let others: Knex;
      let dialect: Dialect;

      before(() => {
        const afterCreate = (connection: Connection, done: (error: null) => void) => {
          change(connection);
          done(null);
        };
        // One connection only: what a failed statement leaves behind meets the next one.
        knex = knexPackage({ ...database.createKnexConfig(), pool: { min: 0, max: 1, afterCreate } });
        others = knexPackage(database.createKnexConfig());
      });

      beforeEach(async () => {
        const programs = database.uniqueTable();
        tables = tablesOf(programs);
        await updateSchema(others, tables, silentLogger);
        dialect = mysqlDialect(knex, tables);
      });

      afterEach(async () => {
        for (const table of Object.values({ ...tables })) await others.schema.dropTableIfExists(table);
      });

      after(() => Promise.all([knex.destroy(), others.destroy()]));

      async function claimed(...runIds: string[]): Promise<ClaimedRow[]> {
        await dialect.insert(
          runIds.map((runId) => newProgram(runId)),
          knex,
        );
        return dialect.claimRung(runIds, LEASE);
      }

      const steps = (): Promise<number[]> => others(tables.programs).orderBy('run_id').pluck('step');
      const attempts = () => others(tables.attempts).orderBy('id').pluck('program_id');

      it('claims what is due and free, and gives it again to who repeats the claim', async () => {
        const programs = await claimed('a', 'b', 'c');
        expect(programs.map(({ runId, fence, lostCount }) => ({ runId, fence, lostCount }))).to.deep.equal(
          ['a', 'b', 'c'].map((runId) => ({ runId, fence: 1, lostCount: 0 })),
        );
        const again = await dialect.claimRung(['a', 'none'], LEASE);
        expect(again).to.deep.equal([{ ...programs[0], fence: 2 }]);
        expect(await dialect.claimRung(['a', 'b', 'c'], { ...LEASE, claimedBy: 'another' })).to.deep.equal(
          [],
        );
      });

      it('counts the loss of a claim whose lease is over', async () => {
        await claimed('a');
        await others(tables.programs).update({ claimed_until: 1 });
        const [program] = await dialect.claimDue(
          { limit: 10, graceMs: 0, fromMs: 0 },
          { ...LEASE, claimedBy: 'another' },
        );
        expect(program).to.include({ runId: 'a', fence: 2, lostCount: 1, claimedBy: 'another' });
      });

      it('passes over what somebody else has locked', async () => {
        await dialect.insert(
          ['a', 'b'].map((runId) => newProgram(runId)),
          knex,
        );
        const editor = await others.transaction();
        await editor(tables.programs).where({ run_id: 'a' }).update({ step: 0, lost_count: 1 });
        const programs = await dialect.claimRung(['a', 'b'], LEASE);
        expect(programs.map(({ runId }) => runId)).to.deep.equal(['b']);
        await editor.rollback();
      });

      it('writes steps with their attempts', async () => {
        const programs = await claimed('a', 'b');
        const ids = programs.map(({ id }) => id);
        expect(await dialect.transition(programs.map(advance).reverse(), knex)).to.deep.equal(ids);
        expect(await steps()).to.deep.equal([1, 1]);
        expect(await attempts()).to.deep.equal(ids);
      });

      it('changes nothing where the guard holds no longer, and says which rows it changed', async () => {
        const [fenced, cancelled, moved, mine] = await claimed('a', 'b', 'c', 'd');
        await others(tables.programs).where({ run_id: 'b' }).update({ errored_at: new Date() });
        const changes = [
          { ...advance(fenced!), fence: 0 },
          advance(cancelled!),
          { ...advance(moved!), step: 1 },
          { ...advance(moved!), id: 4_000_000 },
          advance(mine!),
        ];
        expect(await dialect.transition(changes, knex)).to.deep.equal([mine!.id]);
        expect(await steps()).to.deep.equal([0, 0, 0, 1]);
        expect(await attempts()).to.deep.equal([mine!.id]);
      });

      it('saves job data and renews leases for holders only', async () => {
        const [mine, lost] = await claimed('a', 'b');
        const claims = [mine!, { ...lost!, claimedBy: 'ME' }];
        expect(await dialect.renew(claims, 3_600_000)).to.deep.equal([mine!.id]);
        const writes = claims.map((claim) => ({ ...claim, jobData: '{"first":{"n":1}}' }));
        expect(await dialect.saveJobData(writes)).to.deep.equal([mine!.id]);
        const again = await dialect.claimRung(['a', 'b'], LEASE);
        expect(again.map(({ jobData }) => jobData)).to.deep.equal([{ first: { n: 1 } }, {}]);
      });

      it('writes the whole group or nothing, and leaves no transaction behind', async () => {
        const [good, bad] = await claimed('a', 'b');
        const refused = { ...advance(bad!), attempt: { ...advance(bad!).attempt, job: null as never } };
        const refusal = await dialect.transition([advance(good!), refused], knex).catch(faultKind);
        expect(refusal).to.equal('data');
        await knex(tables.programs).where({ run_id: 'b' }).update({ step: 2 });
        await knex.raw('rollback');
        expect(await steps()).to.deep.equal([0, 2]);
        expect(await attempts()).to.deep.equal([]);
      });

      it("takes part in the caller's transaction", async () => {
        const [program] = await claimed('a');
        const trx = await knex.transaction();
        await dialect.insert([newProgram('b')], trx);
        expect(await dialect.transition([advance(program!)], trx)).to.deep.equal([program!.id]);
        await trx.rollback();
        expect(await steps()).to.deep.equal([0]);
      });
    });

function refuse(connection: Connection, code: string, isRefused: (text: string) => boolean): void {
  const execute = connection.execute.bind(connection);
  connection.execute = (text, values, callback) => {
    if (isRefused(text)) callback(Object.assign(new Error(code), { code }));
    else execute(text, values, callback);
  };
}
