import { expect } from 'chai';
import { ProgramExecutor } from '../../../index.js';
import { testDatabases } from '../../support/databases.js';
import { hintFor, nothingLeft, waiting, withChannel } from '../harness/broker-hand.js';
import { executorConfig } from '../harness/child-config.js';
import { rungAgain } from '../harness/doorbell.js';
import { JOBS } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

describe("Creating: in the caller's transaction", function () {
  this.timeout(60_000);
  afterEach(() => Scenario.closeAll());

  for (const database of testDatabases().filter(({ server }) => server !== undefined))
    it(`ring before the caller's outer commit: nothing is run before it, all after, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database, { broker: true });
      const { knex, queue } = scenario;
      const executor = ProgramExecutor.create({ ...executorConfig(scenario.config), knex });
      const worker = await scenario.crew.start();
      const trx = await knex.transaction();
      try {
        const runId = await executor.createProgram({ jobs: [...JOBS] }, { trx });
        await withChannel(async (channel) => channel.sendToQueue(queue, hintFor(runId)));
        await waiting(queue, 0);
        // A later hint was heeded, so this one has been.
        await rungAgain(scenario);
        expect(await scenario.versions(runId)).to.deep.equal([]);
        expect(worker.reports('entered', runId)).to.deep.equal([]);
        await trx.commit();
        scenario.struck();
        scenario.expectEnd(runId, 'finished');
        await scenario.ended();
        await nothingLeft(scenario);
        expect(await scenario.verdict()).to.deep.equal([]);
      } finally {
        if (!trx.isCompleted()) await trx.rollback();
        await executor.close();
      }
    });
});
