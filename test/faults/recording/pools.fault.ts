import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { closeAll } from '../harness/close-all.js';
import { OwnWorker } from '../harness/own-worker.js';
import { Scenario } from '../harness/scenario.js';

describe('Faults: recording, the pool', function () {
  this.timeout(60_000);
  afterEach(closeAll);

  for (const database of testDatabases()) {
    const max = database.kind === 'sqlite' ? 1 : 2;

    it(`pool exhausted by the user's own queries: steps are recorded once it has room, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const knex = { pool: { min: 0, max }, acquireConnectionTimeout: 500 };
      const worker = await OwnWorker.start(scenario, { knex });
      await worker.holding(10);
      const greedy = await Promise.all(Array.from({ length: max }, () => worker.knex.transaction()));
      try {
        scenario.struck();
        worker.openGate();
        await worker.failed('database-error', /Timeout acquiring a connection/, 2);
      } finally {
        await Promise.all(greedy.map((transaction) => transaction.rollback()));
      }
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(worker.repeated()).to.deep.equal([]);
    });

    it(`pool destroyed in mid-run: its worker says so and lets go, another one carries on, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const worker = await OwnWorker.start(scenario, { options: { leaseMs: 2_000 } });
      await worker.holding(5);
      await worker.knex.destroy();
      scenario.struck();
      worker.openGate();
      await worker.failed('run-failed', /./, 5);
      await scenario.crew.start();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(worker.log.items.length, 'no endless hot loop').to.be.below(200);
    });
  }
});
