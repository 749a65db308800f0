import { expect } from 'chai';
import { testDatabases, urlOf } from '../../support/databases.js';
import { ReplyThief } from '../harness/reply-thief.js';
import { Scenario } from '../harness/scenario.js';

describe('Faults: recording, the reply is lost', function () {
  this.timeout(60_000);

  for (const database of testDatabases().filter(({ server }) => server !== undefined))
    it(`reply lost after commit: the transition is found applied, and no job is run again, on ${database.name}`, async () => {
      const thief = await ReplyThief.start(urlOf(database));
      try {
        const scenario = await Scenario.open(database, { workersDatabaseUrl: thief.url });
        const worker = await scenario.crew.start();
        // The attempts that are written with a transition name its job.
        const stolen = ['first', 'second', 'third'].map((job) => thief.steal(job));
        scenario.struck();
        await scenario.create(5);
        await Promise.all(stolen);
        await scenario.ended();
        expect(await scenario.verdict()).to.deep.equal([]);
        expect(worker.reports('entered')).to.have.lengthOf(15);
        expect(worker.reports('leaseLost')).to.deep.equal([]);
        await worker.seen('programFinished', { count: 5 });
      } finally {
        await Scenario.closeAll();
        await thief.close();
      }
    });
});
