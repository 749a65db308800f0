import { expect } from 'chai';
import { atOnce } from '../harness/at-once.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';

/** Workers of two releases: only the newer one knows the second job. */
async function runMixedFleet(mode: Mode) {
  const scenario = await openIn(mode);
  const older = await scenario.crew.start({ knows: ['first', 'third'] });
  const runIds = await scenario.create(3);
  const deferred = await Promise.all(
    runIds.map((runId) => scenario.program(runId, ({ errorMessage }) => errorMessage !== null)),
  );
  scenario.struck();
  const newer = await scenario.crew.start();
  await scenario.ended();
  return { scenario, older, newer, deferred };
}

describe('Faults, running: a worker does not know the job', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  const all = modes();
  const run = atOnce(all, runMixedFleet);

  for (const mode of all)
    it(`unknown job in a mixed fleet: deferred, run by the worker that knows it, never skipped, on ${mode.name}`, async () => {
      const { scenario, older, newer, deferred } = await run(mode);
      for (const { errorMessage, step, erroredAt } of deferred) {
        expect(errorMessage).to.equal('Unknown job "second" for this worker; it knows: first, third');
        expect({ step, erroredAt }).to.deep.equal({ step: 1, erroredAt: null });
      }
      const entered = (worker: typeof older) => new Set(worker.reports('entered').map(({ job }) => job));
      expect(entered(older)).to.not.include('second');
      expect(newer.reports('entered').filter(({ job }) => job === 'second')).to.have.lengthOf(3);
      expect(await scenario.verdict()).to.deep.equal([]);
      const retries = (await scenario.versions()).map((version) => version.retries);
      expect(Math.max(...retries)).to.equal(0);
    });
});
