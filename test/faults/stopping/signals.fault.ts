import { expect } from 'chai';
import { ServiceProcess } from '../../cli/service-process.js';
import { atOnce } from '../harness/at-once.js';
import { startHeir } from '../harness/heir.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import type { Action, Actions } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';
import { startService } from '../harness/service.js';

const HOLD = { second: { kind: 'hold' } } as const;
/** So long that what ends soon has not waited for its end. */
const LEASE_MS = 120_000;

/** A worker gets SIGTERM while it runs a job. Resolves with what an heir, ready for it, got to do. */
async function stopInMidJob(mode: Mode, second: Action, graceMs: number, onSignal: 'openGate' | 'wait') {
  const scenario = await openIn(mode, { options: { leaseMs: LEASE_MS } });
  const leaving = await scenario.crew.start({ isGateOpen: false, graceMs });
  const runIds = await scenario.create(3, { second });
  await Promise.all(runIds.map((runId) => leaving.seen('entered', { runId, count: 2 })));
  const inherited = await startHeir(scenario);
  const stopped = leaving.stop();
  scenario.struck();
  await leaving.seen('stopping');
  if (onSignal === 'openGate') leaving.openGate();
  await scenario.ended();
  return { scenario, inherited: inherited.map(({ job }) => job), exitCode: await stopped };
}

/** A service gets SIGTERM twice while it runs jobs that do not end. */
async function signalTwice(mode: Mode) {
  const scenario = await openIn(mode, { options: { leaseMs: 4_000 } });
  const service = await startService(scenario, ['--processes', '2', '--grace', '600']);
  await service.seen('ready', 2);
  const runIds = await scenario.create(3, HOLD satisfies Actions);
  for (const runId of runIds) await scenario.program(runId, ({ step }) => step === 1);
  service.signal('SIGTERM');
  await service.seen('draining', 3);
  scenario.struck();
  service.signal('SIGTERM');
  const exitCode = await service.exited;
  await startHeir(scenario);
  await scenario.ended();
  return { scenario, exitCode };
}

async function expectNothingCounted(scenario: Scenario): Promise<void> {
  for (const { retries, losses } of await scenario.versions())
    expect({ retries, losses }).to.deep.equal({ retries: 0, losses: 0 });
}

describe('Faults, stopping: by a signal', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  after(() => ServiceProcess.killAll());
  const all = modes();
  const drained = atOnce(all, (mode) => stopInMidJob(mode, { kind: 'hold' }, 600_000, 'openGate'));
  const released = atOnce(all, (mode) => stopInMidJob(mode, { kind: 'hold' }, 50, 'wait'));
  const deaf = atOnce(all, (mode) => stopInMidJob(mode, { kind: 'holdDeaf' }, 50, 'wait'));
  const hurried = atOnce(all, signalTwice);

  for (const mode of all)
    describe(`on ${mode.name}`, () => {
      it('SIGTERM in mid-job: the job ends and is recorded, another worker does the next one', async () => {
        const { scenario, inherited, exitCode } = await drained(mode);
        expect(exitCode).to.equal(0);
        expect(inherited).to.deep.equal(['third', 'third', 'third']);
        expect(await scenario.verdict()).to.deep.equal([]);
        await expectNothingCounted(scenario);
      });

      it('SIGTERM in mid-job, grace over: aborted and released, another worker takes it at once', async () => {
        const { scenario, inherited, exitCode } = await released(mode);
        expect(exitCode).to.equal(0);
        expect(inherited).to.have.members([...Array(3).fill('second'), ...Array(3).fill('third')]);
        expect(await scenario.verdict()).to.deep.equal([]);
        await expectNothingCounted(scenario);
      });

      it('SIGTERM in mid-job, the job deaf to its signal: released all the same', async () => {
        const { scenario, exitCode } = await deaf(mode);
        expect(exitCode).to.equal(0);
        expect(await scenario.verdict()).to.deep.equal([]);
        await expectNothingCounted(scenario);
      });

      it('SIGTERM twice: the service is gone, its programs are released or taken over', async () => {
        const { scenario, exitCode } = await hurried(mode);
        expect(exitCode).to.be.oneOf([143, 1]);
        expect(await scenario.verdict()).to.deep.equal([]);
      });
    });
});
