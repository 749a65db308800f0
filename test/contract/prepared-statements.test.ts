import { expect } from 'chai';
import { Client } from 'pg';
import { PreparedStatements } from '../../src/program-handler/dialects/prepared-statements.js';
import { URL_VARIABLES } from '../support/servers/description.js';
import { isEmbeddedOnly } from '../support/databases.js';

if (!isEmbeddedOnly())
  describe('prepared statements of PostgreSQL', () => {
    let client: Client;
    let statements: PreparedStatements;
    let nowMs: number;

    const connected = async (pipeline: boolean): Promise<Client> => {
      const made = new Client({ connectionString: process.env[URL_VARIABLES.postgres], pipeline });
      await made.connect();
      return made;
    };

    beforeEach(async () => {
      client = await connected(false);
      nowMs = 0;
      statements = new PreparedStatements(() => nowMs);
    });

    afterEach(() => client.end());

    const names = async (): Promise<string[]> => {
      const { rows } = await client.query<{ name: string }>('select name from pg_prepared_statements');
      return rows.map(({ name }) => name);
    };

    const twice = async (text: string, values: readonly unknown[] = []): Promise<void> => {
      for (let times = 0; times < 2; times += 1) await statements.run(client, text, values);
    };

    it('are prepared where they are run again within five seconds, and not before', async () => {
      await statements.run(client, 'select ?::int as n', [1]);
      nowMs = 5_000;
      await statements.run(client, 'select ?::int as n', [2]);
      expect(await names()).to.deep.equal([]);
      nowMs = 9_999;
      await statements.run(client, 'select ?::int as n', [3]);
      expect(await names()).to.have.length(1);
    });

    it('leave no plan behind when they are seldom run from then on', async () => {
      await twice('select 1');
      nowMs = 5_000;
      await statements.run(client, 'select 1', []);
      nowMs = 10_000;
      await statements.run(client, 'select 1', []);
      expect(await names()).to.deep.equal([]);
    });

    it('are prepared once a connection', async () => {
      for (const n of [1, 2, 3])
        expect(await statements.run(client, 'select ?::int as n', [n])).to.deep.equal([{ n }]);
      expect(await names()).to.have.length(1);
    });

    it('have names that no other text can have', async () => {
      await twice('select 1');
      statements = new PreparedStatements(() => nowMs);
      await twice('select 2');
      expect(new Set(await names()).size).to.equal(2);
    });

    it('are planned anew after having been slow, and the old plan is given up', async () => {
      // A clock by which everything takes that long.
      statements = new PreparedStatements(() => (nowMs += 51));
      await twice('select ?::int', [1]);
      const [slow] = await names();
      await statements.run(client, 'select ?::int', [1]);
      const remaining = await names();
      expect(remaining).to.have.length(1);
      expect(remaining).not.to.include(slow);
    });

    it('are run unprepared from the moment that the server does not know a name', async () => {
      await twice('select ?::int as n', [1]);
      await client.query('deallocate all');
      for (const n of [2, 3])
        expect(await statements.run(client, 'select ?::int as n', [n])).to.deep.equal([{ n }]);
      expect(await names()).to.deep.equal([]);
    });

    it('are planned anew after five seconds', async () => {
      await twice('select 1');
      nowMs = 4_999;
      await statements.run(client, 'select 1', []);
      const young = await names();
      nowMs = 5_000;
      await statements.run(client, 'select 1', []);
      const renewed = await names();
      expect([young.length, renewed.length]).to.deep.equal([1, 1]);
      expect(renewed).not.to.deep.equal(young);
    });

    for (const pipeline of [false, true])
      it(`are planned anew in a transaction where the server has lost them, ${pipeline ? '' : 'not '}pipelined`, async () => {
        await client.end();
        client = await connected(pipeline);
        await twice('select ?::int as n', [1]);
        nowMs = 4_999;
        await twice('select ?::int as n', [1]);
        await client.query('deallocate all');
        nowMs = 5_000;
        await client.query('begin');
        for (const n of [2, 3])
          expect(await statements.runWithin(client, 'select ?::int as n', [n])).to.deep.equal([{ n }]);
        await client.query('commit');
        expect(await names()).to.have.length(1);
      });

    it('are planned anew in a transaction that was refused, which only its end mends', async () => {
      await twice('select ?::int as n', [1]);
      nowMs = 5_000;
      await client.query('begin');
      await client.query('select 1 / 0').catch(() => undefined);
      const refusal = await statements
        .runWithin(client, 'select ?::int as n', [2])
        .catch((error: unknown) => error);
      expect(refusal).to.have.property('code', '25P02');
      await client.query('rollback');
      expect(await names()).to.deep.equal([]);
    });

    it('stay prepared after one of them could not even be parsed', async () => {
      const text = 'select id from not_there_yet';
      for (nowMs of [0, 1_000, 5_500]) {
        const refusal = await statements.run(client, text, []).catch((error: unknown) => error);
        expect(refusal).to.have.property('code', '42P01');
      }
      await client.query('create temporary table not_there_yet (id int)');
      nowMs = 6_000;
      expect(await statements.run(client, text, [])).to.deep.equal([]);
      expect(await names()).to.have.length(1);
    });

    it('are planned anew, and stay prepared, when their result changes its type', async () => {
      await client.query('create temporary table changing (n int)');
      await twice('select n from changing');
      await client.query('alter table changing alter n type text');
      expect(await statements.run(client, 'select n from changing', [])).to.deep.equal([]);
      await twice('select 1');
      expect(await names()).to.have.length(2);
    });

    it('pass on every other error', async () => {
      const failure = await statements.run(client, 'select 1 / ?::int', [0]).catch((error: unknown) => error);
      expect(failure).to.have.property('code', '22012');
    });
  });
