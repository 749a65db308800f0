import { expect } from 'chai';
import { refuseSteps } from '../support/refuse-steps.js';
import { describeContract, job, withoutBroker } from './harness.js';

describeContract(
  'groups and tables',
  (t) => {
    it('a row that the database refuses fails alone; the others of its group go on', async () => {
      await t.executor.getProgram('none');
      const programs = Array.from({ length: 50 }, () => ({ jobs: ['a', 'b'] }));
      const bad = await t.create({ jobs: ['a', 'b'] });
      await refuseSteps(t.knex, t.variant.database.kind, t.table, bad);
      const runIds = await t.executor.createPrograms(programs);
      await t.work({ ...job('a'), ...job('b') }, { concurrency: 51 });
      const ended = await Promise.all(runIds.map((runId) => t.ended(runId)));
      expect(ended.every(({ finishedAt }) => finishedAt !== null)).to.equal(true);
      expect(await t.ended(bad)).to.include({ step: 0, finishedAt: null });
    });

    it('EM-4, TEM-2: 20 executors create the table at once', async () => {
      const executors = Array.from({ length: 20 }, () => t.createExecutor());
      await Promise.all(executors.map((executor) => executor.createProgram({ jobs: ['a'] })));
      expect(await t.rowCount()).to.equal(20);
    });

    it('EM-6: two executors with tables and queues of their own are independent', async () => {
      const tableName = t.newTable();
      const other = t.createExecutor({ tableName, queueName: t.newQueue() });
      const runId = await other.createProgram({ jobs: ['a'] });
      await t.work(job('a'));
      await t.run({ jobs: ['a'] });
      expect((await t.row(runId, tableName)).fence).to.equal(0);
      expect(await t.executor.getProgram(runId)).to.equal(undefined);
    });

    it('EM-52: listeners that throw or reject change nothing; the log holds no payload', async () => {
      for (const name of ['jobStarted', 'jobFinished', 'programFinished'] as const)
        t.executor.on(name, () => {
          throw new Error('listener');
        });
      await t.work(job('a'));
      const program = await t.run({ jobs: ['a'], programData: { secret: 'hidden-payload' } });
      expect(program.finishedAt).to.be.a('date');
      expect(t.log.count('listener-failed')).to.be.at.least(2);
      expect(JSON.stringify(t.log.items)).not.to.match(/hidden-payload|:\/\//);
    });
  },
  withoutBroker,
);
