import { expect } from 'chai';
import { testDatabases } from '../support/databases.js';
import { Scenario } from './harness/scenario.js';

describe('Faults: leases', function () {
  this.timeout(60_000);
  afterEach(() => Scenario.closeAll());

  for (const database of testDatabases())
    describe(`on ${database.name}`, () => {
      it('WP-35: lets a worker that was frozen past its lease write nothing when it thaws', async () => {
        const scenario = await Scenario.open(database);
        const zombie = await scenario.crew.start({ isGateOpen: false });
        const runIds = await scenario.create(3, { second: { kind: 'holdDeaf' } });
        await Promise.all(runIds.map((runId) => zombie.seen('entered', { runId, count: 2 })));
        zombie.freeze();
        // The heir holds them too, so that nothing but the fence keeps the zombie from advancing them.
        const heir = await scenario.crew.start({ isGateOpen: false });
        await Promise.all(runIds.map((runId) => heir.seen('entered', { runId })));
        zombie.openGate();
        zombie.thaw();
        await zombie.seen('leaseLost', { count: 3 });
        expect(await zombie.stop()).to.equal(0);
        for (const { step, finished } of await scenario.versions())
          expect({ isAdvanced: step > 1, finished }).to.deep.equal({ isAdvanced: false, finished: false });
        heir.openGate();
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
      });

      it('keeps the program of a job that blocks the event loop for five leases', async () => {
        const scenario = await Scenario.open(database);
        await Promise.all([scenario.crew.start(), scenario.crew.start()]);
        const [runId] = (await scenario.create(1, { second: { kind: 'block', ms: 10_000 } })) as [string];
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        expect(Math.max(...(await scenario.versions(runId)).map(({ fence }) => fence))).to.equal(1);
        expect(scenario.crew.reports('entered', runId)).to.have.lengthOf(3);
        expect(scenario.crew.reports('leaseLost')).to.deep.equal([]);
      });
    });
});
