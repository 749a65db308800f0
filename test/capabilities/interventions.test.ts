import { expect } from 'chai';
import { describeContract, rejection, withoutBroker } from '../contract/harness.js';

const LATER = { runAfter: 600_000 };

describeContract(
  'interventions',
  (t) => {
    it('are none in a database that has no tables yet', async () => {
      expect(await t.executor.interventions()).to.deep.equal([]);
    });

    it('are kept, newest first: who, why, what and when', async () => {
      const { executor } = t;
      const runId = await t.create({ jobs: ['a', 'b'] }, LATER);
      const other = await t.create({ jobs: ['a'] }, LATER);
      await executor.cancel(runId, 'wrong shop', { by: 'ann' });
      await executor.cancel(runId);
      await executor.resumeProgram(runId, { by: 'bob', reason: 'was right' });
      await executor.retry(runId, { fromStep: 1 });
      await executor.editJobData(runId, 'b', { page: 1 });
      await executor.skipStep(runId);
      await executor.pause({ by: 'ann' });
      await executor.resume();
      await executor.cancelAll({ where: { job: 'a' }, limit: 9, reason: 'closing' });
      const ofProgram = await executor.interventions(runId);
      expect(ofProgram.map(({ kind }) => kind)).to.deep.equal([
        'skipStep',
        'editJobData',
        'retry',
        'resume',
        'cancel',
      ]);
      expect(ofProgram.at(-1)).to.include({ runId, by: 'ann', reason: 'wrong shop', programs: 1 });
      expect(ofProgram[3]).to.include({ by: 'bob', reason: 'was right' });
      expect(ofProgram[2]!.details).to.deep.equal({ fromStep: 1 });
      expect(ofProgram[1]!.details).to.deep.equal({ job: 'b' });
      expect(ofProgram[0]!.by).to.match(/:\d+$/);
      expect(Math.abs(Number(ofProgram[0]!.createdAt) - Date.now())).to.be.below(600_000);
      const ofQueue = (await executor.interventions()).filter((one) => one.runId === null);
      expect(ofQueue.map(({ kind }) => kind)).to.deep.equal(['cancelAll', 'resumeQueue', 'pauseQueue']);
      expect(ofQueue[0]).to.include({ programs: 1, reason: 'closing' });
      expect(ofQueue[0]!.details).to.deep.equal({ where: { job: 'a' }, limit: 9 });
      expect(await executor.status(other)).to.include({ state: 'errored' });
      expect(await executor.interventions(undefined, { limit: 2 })).to.have.length(2);
    });

    it('are written with what they change or not at all', async () => {
      const runId = await t.create({ jobs: ['a'] }, LATER);
      await t.knex.schema.dropTable(`${t.table}_interventions`);
      for (const call of [
        () => t.executor.cancel(runId),
        () => t.executor.retry(runId),
        () => t.executor.skipStep(runId),
      ])
        await rejection(call());
      expect(await t.row(runId)).to.include({ fence: 1, errored_at: null, finished_at: null });
      expect(await t.attempts(runId)).to.deep.equal([]);
    });
  },
  withoutBroker,
);
