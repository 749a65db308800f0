import { expect } from 'chai';
import { ServiceProcess } from '../../cli/service-process.js';
import { atOnce } from '../harness/at-once.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';
import { startService } from '../harness/service.js';

/** One program whose job leaves a rejection behind, and others that run beside it, in a service of two workers. */
async function runInService(mode: Mode) {
  const scenario = await openIn(mode, { options: { leaseMs: 60_000 } });
  const service = await startService(scenario, ['--processes', '2']);
  await service.seen('ready', 2);
  await scenario.create(6, { second: { kind: 'take', ms: 1_000 } });
  await scenario.create(1, { second: { kind: 'leaveRejection' } });
  scenario.struck();
  await scenario.ended();
  const crashes = await service.seen('crashed');
  return { scenario, crashes };
}

describe('Faults, running: a job leaves a stray rejection', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  after(() => ServiceProcess.killAll());
  const all = modes();
  const run = atOnce(all, runInService);

  for (const mode of all)
    it(`stray rejection: its worker drains and gives way to a new one, the programs beside it know nothing of it, on ${mode.name}`, async () => {
      const { scenario, crashes } = await run(mode);
      expect(crashes.map(({ how }) => how)).to.include('exit code 1');
      expect(await scenario.verdict()).to.deep.equal([]);
      const losses = (await scenario.versions()).map((version) => version.losses);
      expect(Math.max(...losses)).to.equal(0);
    });
});
