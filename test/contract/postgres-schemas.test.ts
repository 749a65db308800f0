import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { ProgramExecutor } from '../../index.js';
import { testDatabases } from '../support/databases.js';
import { silentLogger } from '../support/silent-logger.js';

for (const database of testDatabases().filter(({ name }) => name === 'postgres'))
  describe('tables in a schema of postgres', () => {
    const tableName = database.uniqueTable();
    const schema = `tenant_${tableName}`;
    let admin: Knex;

    before(async () => {
      admin = knexPackage(database.createKnexConfig());
      await admin.raw('create schema ??', [schema]);
    });

    after(async () => {
      await admin.raw('drop schema ?? cascade', [schema]);
      const { rows } = await admin.raw<{ rows: { tablename: string }[] }>(
        `select tablename from pg_tables where schemaname = 'public' and tablename like ?`,
        [`${tableName}%`],
      );
      for (const { tablename } of rows) await admin.schema.dropTable(tablename);
      await admin.destroy();
    });

    async function migrate(searchPath: string[]): Promise<string[]> {
      const knex = knexPackage({ ...database.createKnexConfig(), searchPath });
      const executor = ProgramExecutor.create({ knex, tableName, logger: silentLogger });
      try {
        return await executor.migrate();
      } finally {
        await executor.close();
        await knex.destroy();
      }
    }

    it('are whole, also where a later schema of the search path has the same', async () => {
      const elsewhere = await migrate(['public']);
      const here = await migrate([schema, 'public']);
      expect(here).to.have.length(elsewhere.length);
      expect(await migrate([schema, 'public'])).to.deep.equal([]);
    });
  });
