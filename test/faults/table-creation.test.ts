import { expect } from 'chai';
import { testDatabases } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { Scenario } from './harness/scenario.js';

const PROCESSES = 20;

describe('Faults: the table is created by many at once', function () {
  this.timeout(90_000);
  afterEach(() => Scenario.closeAll());

  for (const database of testDatabases())
    it(`${PROCESSES} processes start on an empty database and all run programs, on ${database.name}`, async () => {
      const scenario = new Scenario(database, { options: { concurrency: 1, leaseMs: 60_000 } });
      const { crew } = scenario;
      const preparing = Array.from({ length: PROCESSES }, () => crew.prepare({ isGateOpen: false }));
      const workers = await Promise.all(preparing);
      await Promise.all(workers.map((worker) => worker.go()));
      await eventually('audited', () => scenario.audit().then(() => true));
      await scenario.create(PROCESSES, { first: { kind: 'hold' } });
      await Promise.all(workers.map((worker) => worker.seen('entered')));
      for (const worker of workers) worker.openGate();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
    });
});
