import { expect } from 'chai';
import { describeContract, job, withoutBroker } from '../contract/harness.js';

const inPool = { jobs: ['a'], pool: 'mail', concurrencyKey: 'x', priority: 2 };

describeContract('programs of pools within a caller’s transaction', (t) => {
  it('are started when it commits', async () => {
    await t.executor.migrate();
    await t.work(job('a'));
    const runId = await t.knex.transaction((trx) => t.create(inPool, { trx }));
    expect((await t.ended(runId)).finishedAt).to.be.a('date');
  });

  it('leave nothing when it is rolled back, and the pool can be used afterwards', async () => {
    await t.executor.migrate();
    const trx = await t.knex.transaction();
    await t.create(inPool, { trx });
    await trx.rollback();
    for (const table of [t.table, `${t.table}_pools`, `${t.table}_lines`])
      expect(await t.rowCount(table)).to.equal(0);
    await t.work(job('a'));
    expect((await t.run(inPool)).finishedAt).to.be.a('date');
  });
});

describeContract(
  'programs of pools within transactions side by side',
  (t) => {
    it('find a line that another made since the transaction began to read', async () => {
      await t.executor.migrate();
      const trx = await t.knex.transaction();
      await trx(`${t.table}_lines`).select('id');
      await trx(`${t.table}_pools`).select('id');
      const first = await t.createExecutor().createProgram(inPool);
      const second = await t.create(inPool, { trx });
      await trx.commit();
      const lines = await Promise.all(
        [first, second].map(async (runId) => Number((await t.row(runId))['line_id'])),
      );
      expect(lines[0]).to.equal(lines[1]).and.to.be.greaterThan(0);
      await t.work(job('a'));
      for (const runId of [first, second]) expect((await t.ended(runId)).finishedAt).to.be.a('date');
    });
  },
  (variant) => withoutBroker(variant) && variant.database.kind !== 'sqlite',
);
