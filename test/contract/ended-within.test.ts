import { expect } from 'chai';
import type { Knex } from 'knex';
import { inOwnTransaction } from '../../src/program-handler/own-transaction.js';
import { urlOf } from '../support/databases.js';
import { withProxy } from '../support/with-proxy.js';
import { describeContract, job, rejection, withoutBroker, type Fixture } from './harness.js';

type Work = (trx: Knex.Transaction, payments: string) => Promise<unknown>;

const ENDED = /^context\.transaction: the transaction was ended within/;

/** Ends a transaction behind the back of who has begun it, as a deadlock does that a job has caught. */
const endedBehindTheBack: Readonly<Record<string, Work>> = {
  postgres: (trx) => trx.raw('commit'),
  mysql: (trx, payments) => trx.raw(`alter table ${payments} add column later integer`),
  sqlite: (trx) => trx.raw('rollback'),
};

describeContract(
  'a transaction of a job that ends too soon',
  (t: Fixture) => {
    let payments: string;

    beforeEach(async () => {
      payments = t.newTable();
      await t.knex.schema.createTable(payments, (table) => table.integer('cents').unique());
    });

    /** What becomes of a program whose only job works in such a transaction. */
    async function pay(work: Work) {
      await t.work(
        job('pay', (_message, _jobData, context) =>
          context.transaction(async (trx) => {
            await trx(payments).insert({ cents: 5 });
            await work(trx, payments);
          }),
        ),
      );
      return t.run({ jobs: ['pay'] });
    }

    async function expectIncomplete(work: Work, error: RegExp): Promise<void> {
      const ended = await pay(work);
      expect(ended.errorMessage).to.match(error);
      expect(await t.row(ended.runId)).to.include({ step: 0, finished_at: null });
      expect(t.eventCount('programFinished')).to.equal(0);
    }

    it('as the job commits it: the step is not complete', () =>
      expectIncomplete((trx) => trx.commit(), ENDED));

    it('as the job rolls it back: the step is not complete', () =>
      expectIncomplete((trx) => trx.rollback().catch(() => undefined), ENDED));

    it('behind the job’s back: nothing is recorded beside it', async () => {
      await expectIncomplete(endedBehindTheBack[t.variant.database.kind] as Work, ENDED);
    });

    it('as a statement is refused that nobody waits for: nothing is committed, or the step is complete with the others', async () => {
      const ended = await pay(async (trx) => {
        void (async () => {
          // It is sent when the step has been recorded, before the commit.
          for (let answers = 0; answers < 2; answers += 1) await trx(payments).count();
          await trx(payments).insert({ cents: 5 });
        })().catch(() => undefined);
      });
      const paid = await t.knex(payments).select('cents');
      expect(paid).to.have.lengthOf(ended.finishedAt ? 1 : 0);
      expect(await t.outcomes(ended.runId)).to.deep.equal([
        ended.finishedAt ? 'pay succeeded' : 'pay failed',
      ]);
    });
  },
  withoutBroker,
);

describeContract(
  'a transaction of a job whose COMMIT is refused',
  (t: Fixture) => {
    it('leaves its connection fit for the next', async () => {
      const [parents, children] = [t.newTable(), t.newTable()];
      await t.knex.raw('pragma foreign_keys = on');
      await t.knex.raw(`create table ${parents} (id integer primary key)`);
      await t.knex.raw(
        `create table ${children} (id integer references ${parents} (id) deferrable initially deferred)`,
      );
      await t.work(
        job('adopt', (_message, _jobData, { transaction }) =>
          transaction((trx) => Promise.resolve(trx(children).insert({ id: 9 }))),
        ),
      );
      const refused = await t.run({ jobs: ['adopt'] });
      expect(refused.errorMessage).to.match(/FOREIGN KEY/i);
      expect(await t.knex(children)).to.deep.equal([]);
      expect((await t.run({ jobs: [] })).erroredAt).to.equal(null);
    });
  },
  ({ database, dialect }) => database.kind === 'sqlite' && dialect === 'auto',
);

describeContract(
  'a transaction of a job whose BEGIN is not answered',
  (t: Fixture) => {
    it('is begun on another connection: the job is called once', async () => {
      await withProxy(urlOf(t.variant.database), async (proxy) => {
        const executor = t.createExecutor({ knex: proxy.url });
        await executor.migrate();
        let calls = 0;
        const library = job('pay', async (_message, _jobData, { transaction }) => {
          const reset = proxy.resetInstead(Buffer.from('BEGIN;'), 1);
          await transaction((trx) => {
            calls += 1;
            return Promise.resolve(trx.raw('select 1'));
          });
          await reset;
        });
        await t.work(library, {}, executor);
        const ended = await t.run({ jobs: ['pay'] });
        expect(ended).to.include({ erroredAt: null, errorMessage: null });
        expect(calls).to.equal(1);
        await executor.close();
      });
    });
  },
  (variant) => withoutBroker(variant) && variant.database.server !== undefined,
);

describeContract(
  'a transaction in which a statement is refused before COMMIT',
  (t: Fixture) => {
    it('is not taken for committed where nobody waits for that statement', async () => {
      const unheard = inOwnTransaction(t.knex, async (trx) => {
        await trx.raw('select 1');
        trx.raw('select 1 / 0').catch(() => undefined);
      });
      expect(await rejection(unheard)).to.match(/The transaction was rolled back/);
    });
  },
  (variant) => withoutBroker(variant) && variant.database.kind === 'postgres' && variant.dialect === 'auto',
);
