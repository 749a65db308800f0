import { expect } from 'chai';
import type { Knex } from 'knex';
import { describeContract, job, type Fixture } from './harness.js';

/** The table as the older library makes it. */
function createOldTable({ knex, table }: Fixture): Promise<void> {
  return Promise.resolve(
    knex.schema.createTable(table, (t: Knex.CreateTableBuilder) => {
      t.increments('id');
      t.string('run_id').index().notNullable();
      t.json('program_data').notNullable();
      t.json('jobs').notNullable();
      t.json('job_data').notNullable();
      t.integer('step').defaultTo(0);
      t.integer('step_retry_count').defaultTo(0);
      t.timestamp('finished_at').nullable();
      t.timestamp('errored_at').nullable();
      t.string('error_message').nullable();
      t.timestamp('created_at').nullable();
      t.timestamp('updated_at').nullable();
    }),
  );
}

async function insertOldRow({ knex, table }: Fixture, runId: string, columns: object = {}): Promise<void> {
  const payloads = { program_data: '{"n":1}', jobs: '["a","b"]', job_data: '{"b":{"page":5}}' };
  const now = knex.fn.now();
  const common = { run_id: runId, step: 1, created_at: now, updated_at: now };
  await knex(table).insert({ ...common, ...payloads, ...columns });
}

describeContract('moving over', (t) => {
  it('EM-14: completes an old table; none of its stuck rows starts by itself, resumeProgram starts one', async () => {
    await createOldTable(t);
    await insertOldRow(t, 'stuck');
    await insertOldRow(t, 'other');
    const seen: unknown[] = [];
    const note = job('b', async ({ programData }, data) => void seen.push([programData, await data.get()]));
    await t.work({ ...job('a'), ...note });
    await t.run({ jobs: ['a'] });
    expect(await t.row('stuck')).to.include({ fence: 0, due_at: 2 ** 53 - 1, step: 1 });
    expect(await t.executor.resumeProgram('stuck')).to.equal(true);
    expect(await t.ended('stuck')).to.include({ step: 1, erroredAt: null });
    expect(seen).to.deep.equal([[{ n: 1 }, { page: 5 }]]);
    expect((await t.row('other')).fence).to.equal(0);
  });

  for (const [what, runIds] of [
    ['an old table', ['stuck']],
    ['one in which two rows share a run_id', ['twin', 'twin']],
  ] as const)
    it(`completes ${what} also where the first program is created in a transaction`, async () => {
      await createOldTable(t);
      for (const runId of runIds) await insertOldRow(t, runId);
      const runId = await t.knex.transaction((trx) => t.create({ jobs: [] }, { trx }));
      expect((await t.row(runId)).finished_at).to.not.equal(null);
    });

  it('reports two old rows with the same run_id, and nothing stops', async () => {
    await createOldTable(t);
    await insertOldRow(t, 'twin');
    await insertOldRow(t, 'twin', { step: 0 });
    await t.work(job('a'));
    expect((await t.run({ jobs: ['a'] })).finishedAt).to.be.a('date');
    expect(t.log.count('duplicate-run-ids')).to.be.at.least(1);
    expect(await t.rowCount()).to.equal(3);
  });
});

describeContract(
  'moving over with RabbitMQ',
  (t) => {
    it('EM-5, EM-10: an old queue is used as it is, and an old message runs its program from its step', async () => {
      const old = { durable: false, arguments: { 'x-dead-letter-exchange': '' } };
      await t.broker!.channel.assertQueue(t.queue, old);
      await createOldTable(t);
      await insertOldRow(t, 'stuck');
      const message = { jobs: ['b'], programData: { n: 1 }, runId: 'stuck' };
      t.broker!.send(t.queue, JSON.stringify(message));
      await t.work({ ...job('a'), ...job('b') });
      expect((await t.ended('stuck')).finishedAt).to.be.a('date');
      expect(await t.outcomes('stuck')).to.deep.equal(['b succeeded']);
    });

    it('EM-46, EM-47: removes messages of no known program and those that are no JSON', async () => {
      await t.work(job('a'));
      await t.run({ jobs: ['a'] });
      t.broker!.send(t.queue, '{');
      t.broker!.send(t.queue, '{"runId":"nobody"}');
      expect((await t.run({ jobs: ['a'] })).finishedAt).to.be.a('date');
      expect((await t.broker!.messageCount(t.queue)) <= 1).to.equal(true);
    });
  },
  ({ hasBroker }) => hasBroker,
);
