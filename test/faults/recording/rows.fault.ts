import { expect } from 'chai';
import { testDatabases } from '../../support/databases.js';
import { refuseSteps } from '../../support/refuse-steps.js';
import { OwnWorker } from '../harness/own-worker.js';
import { closeAll } from '../harness/close-all.js';
import { Scenario } from '../harness/scenario.js';

const HOLD = { second: { kind: 'hold' } } as const;

describe('Faults: recording, rows', function () {
  this.timeout(60_000);
  afterEach(closeAll);

  for (const database of testDatabases()) {
    it(`one bad row in a group: only that program fails, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database, { options: { concurrency: 30 } });
      const worker = await scenario.crew.start({ isGateOpen: false });
      const runIds = await scenario.create(30, { first: { kind: 'hold' } });
      await Promise.all(runIds.map((runId) => worker.seen('entered', { runId })));
      const bad = runIds[7] as string;
      await refuseSteps(scenario.knex, database.kind, scenario.table, bad);
      scenario.expectEnd(bad, 'errored');
      scenario.struck();
      worker.openGate();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      const { errorMessage } = await scenario.program(bad, ({ erroredAt }) => erroredAt !== null);
      expect(errorMessage).to.equal('The database refused to store how job first ended');
      const started = worker.reports('entered', bad).map(({ job }) => job);
      expect(started, 'no job of it runs after that').to.deep.equal(['first']);
    });

    it(`row edited by hand in mid-run: the run writes nothing over it, and others go on from there, on ${database.name}`, async () => {
      const { scenario, worker, runIds } = await holding(database);
      const [skipped, repeated, unclaimed, reordered] = runIds as [string, string, string, string];
      const edit = (runId: string, change: object) =>
        scenario.knex(scenario.table).where('run_id', runId).update(change);
      await edit(skipped, { step: 2 });
      await edit(repeated, { step: 0 });
      await edit(unclaimed, { claimed_by: null, claimed_until: null });
      await edit(reordered, { jobs: JSON.stringify(['first', 'second', 'third', 'unknown']) });
      scenario.struck();
      await worker.seen('leaseLost', { runId: unclaimed });
      worker.openGate();
      await scenario.ended();
      expect(await scenario.verdict()).to.have.members([
        // It was moved to where the run would have brought it, so that goes on.
        `${skipped} recorded step 1 as succeeded 0 times instead of 1`,
        `${repeated} advanced from step 0 2 times instead of 1`,
        `${repeated} recorded step 0 as succeeded 2 times instead of 1`,
        `${repeated} moved in another way 1 times instead of 0`,
      ]);
      const lost = worker.reports('leaseLost').map(({ runId }) => runId);
      expect(lost).to.have.members([repeated, unclaimed]);
    });

    it(`row freed by hand and claimed again by its own worker: the earlier run starts no further job, on ${database.name}`, async () => {
      const scenario = await Scenario.open(database);
      const worker = await OwnWorker.start(scenario);
      const [runId] = (await worker.holding(1)) as [string];
      await scenario.knex(scenario.table).update({ claimed_by: null, claimed_until: null });
      await worker.entered('second', runId, 2);
      // Both runs end their jobs at once, so their transitions share a group.
      worker.openGate();
      await scenario.ended();
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(worker.repeated()).to.deep.equal([`${runId}:1`]);
    });

    it(`row deleted by hand in mid-run: its run ends without a word, the others go on, on ${database.name}`, async () => {
      const { scenario, worker, runIds } = await holding(database);
      const deleted = await scenario.executor.createProgram({ jobs: ['second'], programData: HOLD });
      await worker.seen('entered', { runId: deleted });
      await scenario.knex(scenario.table).where('run_id', deleted).delete();
      scenario.struck();
      await worker.seen('leaseLost', { runId: deleted });
      worker.openGate();
      await scenario.ended(runIds.length);
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(worker.reports('leaseLost').map(({ reason }) => reason)).to.deep.equal(['deleted']);
    });
  }
});

/** Programs whose second jobs have started and wait for the worker's gate. */
async function holding(database: Parameters<typeof Scenario.open>[0]) {
  const scenario = await Scenario.open(database);
  const worker = await scenario.crew.start({ isGateOpen: false });
  const runIds = await scenario.create(4, HOLD);
  await Promise.all(runIds.map((runId) => worker.seen('entered', { runId, count: 2 })));
  return { scenario, worker, runIds };
}
