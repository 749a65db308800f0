import { expect } from 'chai';
import knexPackage, { type Knex } from 'knex';
import type { Client } from 'pg';
import { tablesOf } from '../../migrations/index.js';
import { faultKind } from '../../src/program-handler/database-faults.js';
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

      it('leaves nothing where its work gives up without having waited for what it wrote', async () => {
        const error = await failing((trx) => {
          trx.run(insert, [1]).catch(() => undefined);
          return Promise.reject(new Error('given up'));
        });
        expect(error).to.have.property('message', 'given up');
        expect(await numbers()).to.deep.equal([]);
      });

      describe('whose beginning is refused', () => {
        let connection: Client;
        /** How many statements of a transaction were sent before BEGIN was answered, that one too. */
        let sentFirst: number;

        beforeEach(async () => {
          connection = (await knex.client.acquireConnection()) as Client;
          await knex.client.releaseConnection(connection);
        });

        // The class has it too.
        afterEach(() => Reflect.deleteProperty(connection, 'query'));

        /** Each statement goes as it is, or as `instead` has it. */
        const intercept = (instead: (text: string) => string) => {
          const send = connection.query.bind(connection) as (query: unknown, ...more: unknown[]) => unknown;
          let sent = 0;
          connection.query = ((query: unknown, ...more: unknown[]) => {
            sent += 1;
            if (typeof query !== 'string' || !query.startsWith('begin')) return send(query, ...more);
            sent = 1;
            const answer = send(instead(query)) as Promise<unknown>;
            const note = () => (sentFirst = sent);
            answer.then(note, note);
            return answer;
          }) as typeof connection.query;
        };

        const works: [what: string, work: Parameters<Dialect['inTransaction']>[0]][] = [
          [
            'writes',
            async (trx) => {
              for (const n of [1, 2]) await trx.run(insert, [n]);
            },
          ],
          ['reads by writing', (trx) => trx.read(`${insert} returning n`, [1])],
          [
            'reads by writing first',
            (trx) => trx.read(`with w as (${insert} returning n) select n from w`, [1]),
          ],
          [
            'reads, then writes',
            async (trx) => {
              await trx.read('select 1');
              await trx.run(insert, [1]);
            },
          ],
          [
            'writes while it reads',
            (trx) => Promise.all([trx.read('select 1'), trx.run(insert, [1]), trx.read('select 2')]),
          ],
          [
            'writes without waiting',
            (trx) => {
              trx.run(insert, [1]).catch(() => undefined);
              return Promise.resolve();
            },
          ],
        ];
        for (const [what, work] of works)
          it(`leaves nothing of a work that ${what}`, async () => {
            intercept(() => 'select 1 / 0');
            expect(await failing(work)).to.have.property('code', '22012');
            expect(await numbers()).to.deep.equal([]);
          });

        it(`is known before what writes is sent, and ${isPipelined ? 'not ' : ''}before what reads is`, async () => {
          intercept((text) => text);
          await dialect.inTransaction((trx) => trx.run(insert, [1]));
          expect(sentFirst).to.equal(1);
          await dialect.inTransaction((trx) => trx.read('select 1'));
          expect(sentFirst).to.equal(isPipelined ? 2 : 1);
        });
      });

      it('has statements run in their order that were not waited for', async () => {
        const [, seen] = await dialect.inTransaction((trx) =>
          Promise.all([trx.run(insert, [1]), trx.read(`select n from ${table}`), trx.run(insert, [2])]),
        );
        expect(seen).to.deep.equal([{ n: 1 }]);
        expect(await numbers()).to.deep.equal([1, 2]);
      });

      it('rejects with the first refusal, also where its work passed over that of what it read', async () => {
        const error = await failing(async (trx) => {
          await trx.read('select 1 / 0').catch(() => undefined);
          await trx.run(insert, [1]).catch(() => undefined);
        });
        expect(error).to.have.property('code', '22012');
        expect(await numbers()).to.deep.equal([]);
      });

      it('begins in the end on a connection that was left in a refused transaction', async () => {
        await knex.raw('begin');
        await knex.raw('select 1 / 0').catch(() => undefined);
        expect(faultKind(await failing((trx) => trx.run(insert, [1])))).to.equal('transient');
        await dialect.inTransaction((trx) => trx.run(insert, [1]));
        expect(await numbers()).to.deep.equal([1]);
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
