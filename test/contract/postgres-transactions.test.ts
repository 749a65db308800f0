import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import type { Dialect } from '../../src/program-handler/dialects/dialect.js';
import { postgresDialect } from '../../src/program-handler/dialects/postgres.js';
import { testDatabases, urlOf } from '../support/databases.js';
import { eventually } from '../support/eventually.js';

const WAYS = [
  { way: 'each after the answer to the last', isPipelined: false },
  { way: 'without waiting for answers', isPipelined: true },
];

for (const database of testDatabases().filter(({ name }) => name === 'postgres'))
  for (const { way, isPipelined } of WAYS)
    describe(`a transaction on postgres whose statements are sent ${way}`, () => {
      const table = database.uniqueTable();
      let knex: Knex;
      let dialect: Dialect;

      before(async () => {
        const url = urlOf(database);
        const connection = isPipelined ? url : url.replace(/[?&]pipeline=true/, '');
        knex = knexPackage({ client: 'pg', connection, pool: { min: 1, max: 1 } });
        dialect = postgresDialect(knex, tablesOf(database.uniqueTable()));
        await knex.schema.createTable(table, (t) => void t.integer('n').primary());
      });

      beforeEach(() => knex(table).delete());

      after(async () => {
        await knex.schema.dropTable(table);
        await knex.destroy();
      });

      const insert = `insert into ${table} values (?)`;
      const numbers = async () => (await knex(table).orderBy('n').pluck('n')) as number[];
      const failing = (work: Parameters<Dialect['inTransaction']>[0]) =>
        dialect.inTransaction(work).then(
          () => undefined,
          (error: unknown) => error,
        );

      it('has them run in their order', async () => {
        const seen = await dialect.inTransaction(async (trx) => {
          for (const n of [1, 2]) await trx.run(insert, [n]);
          await trx.run(`delete from ${table} where n = ?`, [1]);
          return trx.read(`select n from ${table}`);
        });
        expect(seen).to.deep.equal([{ n: 2 }]);
        expect(await numbers()).to.deep.equal([2]);
      });

      it('rejects with what the first of them was refused for, and leaves nothing', async () => {
        const error = await failing(async (trx) => {
          for (const n of [1, 1, 2]) await trx.run(insert, [n]);
          return trx.read(`select n from ${table}`);
        });
        expect(error).to.have.property('code', '23505');
        expect(await numbers()).to.deep.equal([]);
      });

      it('rejects where its last statement is refused, and leaves nothing', async () => {
        const error = await failing(async (trx) => {
          for (const n of [1, 1]) await trx.run(insert, [n]);
        });
        expect(error).to.have.property('code', '23505');
        expect(await numbers()).to.deep.equal([]);
      });

      it('leaves nothing where its work gives up', async () => {
        const error = await failing(async (trx) => {
          await trx.run(insert, [1]);
          throw new Error('given up');
        });
        expect(error).to.have.property('message', 'given up');
        expect(await numbers()).to.deep.equal([]);
      });

      it('leaves its connection fit for the next', async () => {
        await failing((trx) => trx.run('select 1 / 0'));
        await dialect.inTransaction((trx) => trx.run(insert, [3]));
        expect(await numbers()).to.deep.equal([3]);
      });

      const prepared = async () => (await knex('pg_prepared_statements').pluck('name')).length;

      it('keeps the statements that were prepared, however often it is refused', async () => {
        const refused = () =>
          failing(async (trx) => {
            await trx.run('select 1 / ?::int', [0]);
            // The server has refused these before it could parse them.
            for (const n of [5, 6]) await trx.run(`${insert} /* again */`, [n]);
          });
        const before = await prepared();
        for (let time = 1; time <= 3; time += 1) expect(await refused()).to.have.property('code', '22012');
        for (const n of [7, 8]) await dialect.inTransaction((trx) => trx.run(`${insert} /* again */`, [n]));
        expect(await prepared()).to.equal(before + 2);
      });

      it(`${isPipelined ? 'does not wait' : 'waits'} for what it need not know`, async () => {
        const others = knexPackage(database.createKnexConfig());
        const holder = await others.transaction();
        await holder.raw('lock table ??', [table]);
        let isSent = false;
        const written = dialect.inTransaction(async (trx) => {
          await trx.run(insert, [4]);
          isSent = true;
        });
        await eventually('the insert waits for the lock', async () => {
          const waiting = await others('pg_locks')
            .where({ granted: false })
            .whereRaw('relation = ?::regclass', [table]);
          return waiting.length > 0;
        });
        const wasSent = isSent;
        await holder.commit();
        await written;
        await others.destroy();
        expect(wasSent).to.equal(isPipelined);
      });
    });
