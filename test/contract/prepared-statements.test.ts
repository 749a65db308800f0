import { expect } from 'chai';
import { Client } from 'pg';
import { PreparedStatements } from '../../src/program-handler/dialects/prepared-statements.js';
import { URL_VARIABLES } from '../support/servers/description.js';
import { isEmbeddedOnly } from '../support/databases.js';

if (!isEmbeddedOnly())
  describe('prepared statements of PostgreSQL', () => {
    let client: Client;
    let statements: PreparedStatements;

    beforeEach(async () => {
      client = new Client(process.env[URL_VARIABLES.postgres]);
      await client.connect();
      statements = new PreparedStatements();
    });

    afterEach(() => client.end());

    const names = async (): Promise<string[]> => {
      const { rows } = await client.query<{ name: string }>('select name from pg_prepared_statements');
      return rows.map(({ name }) => name);
    };

    it('are prepared once a connection', async () => {
      for (const n of [1, 2, 3])
        expect(await statements.run(client, 'select ?::int as n', [n])).to.deep.equal([{ n }]);
      expect(await names()).to.have.length(1);
    });

    it('have names that no other text can have', async () => {
      await statements.run(client, 'select 1', []);
      await new PreparedStatements().run(client, 'select 2', []);
      expect(new Set(await names()).size).to.equal(2);
    });

    it('are planned anew after having been slow, and the old plan is given up', async () => {
      await statements.run(client, 'select pg_sleep(?)::text', [0.06]);
      const [slow] = await names();
      await statements.run(client, 'select pg_sleep(?)::text', [0]);
      const remaining = await names();
      expect(remaining).to.have.length(1);
      expect(remaining).not.to.include(slow);
    });

    it('are run unprepared from the moment that the server does not know a name', async () => {
      await statements.run(client, 'select ?::int as n', [1]);
      await client.query('deallocate all');
      for (const n of [2, 3])
        expect(await statements.run(client, 'select ?::int as n', [n])).to.deep.equal([{ n }]);
      expect(await names()).to.deep.equal([]);
    });

    it('pass on every other error', async () => {
      const failure = await statements.run(client, 'select 1 / ?::int', [0]).catch((error: unknown) => error);
      expect(failure).to.have.property('code', '22012');
    });
  });
