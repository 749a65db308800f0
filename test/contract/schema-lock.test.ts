import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { withSchemaLock } from '../../src/program-handler/schema-lock.js';
import { QUIET } from '../support/quiet-knex.js';
import { testDatabases } from '../support/databases.js';
import { rejection } from './harness.js';

/** Takes the lock as a process does that is gone before it has given it back. */
const TAKING: Readonly<Record<string, string>> = {
  postgres: 'select pg_advisory_xact_lock(hashtext(?))',
  mysql: 'select get_lock(?, 0)',
};

for (const database of testDatabases().filter(({ server }) => server !== undefined))
  describe(`the lock for changes of the tables on ${database.name}`, () => {
    let knex: Knex;
    let orphan: Knex.Transaction;
    let table: string;

    beforeEach(async () => {
      knex = knexPackage({ ...QUIET, ...database.createKnexConfig() });
      table = database.uniqueTable();
      orphan = await knex.transaction();
      await orphan.raw(TAKING[database.kind] as string, [`program-executor:${table}`]);
    });

    afterEach(() => knex.destroy());

    it('is waited for as long as it may take, no longer; nothing is changed without it', async () => {
      let calls = 0;
      const work = (): Promise<void> => Promise.resolve(void (calls += 1));
      const refused: unknown = await rejection(withSchemaLock(knex, table, work, 1));
      await orphan.rollback();
      expect(refused).to.include({ name: 'SchemaLockedError', code: 'PE_SCHEMA_LOCKED' });
      expect(calls).to.equal(0);
    });

    it('is another one for another table', async () => {
      const names: unknown[] = [];
      await withSchemaLock(
        knex,
        database.uniqueTable(),
        async (trx) => {
          names.push(await trx.raw('select 1'));
        },
        1,
      );
      await orphan.rollback();
      expect(names).to.have.lengthOf(1);
    });
  });

for (const database of testDatabases().filter(({ name }) => name === 'postgres'))
  describe('the lock for changes of the tables, once it is had on postgres', () => {
    it('leaves the time that the changes wait for locks as it was', async () => {
      const knex = knexPackage({ ...QUIET, ...database.createKnexConfig(), pool: { min: 0, max: 1 } });
      await knex.raw(`set lock_timeout = '7s'`);
      const seen: unknown[] = [];
      await withSchemaLock(knex, database.uniqueTable(), async (trx) => {
        const { rows } = await trx.raw<{ rows: unknown[] }>('show lock_timeout');
        seen.push(...rows);
      });
      await knex.destroy();
      expect(seen).to.deep.equal([{ lock_timeout: '7s' }]);
    });
  });
