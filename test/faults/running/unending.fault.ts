import { expect } from 'chai';
import { atOnce } from '../harness/at-once.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';

const LEASE_MS = 8_000;
const TIMEOUT_MS = 300;
const POLICY = { timeoutMs: TIMEOUT_MS, retry: { maxAttempts: 2, initialBackoffMs: 50 } };
const TIMED_OUT = `Job second did not end within ${TIMEOUT_MS} ms`;

/** One program whose job is limited by a timeout, and one that is limited by nothing. */
async function runUnending(mode: Mode) {
  const scenario = await openIn(mode, { options: { leaseMs: 10_000 } });
  const limited = await scenario.crew.start({ isGateOpen: false, policies: { second: POLICY } });
  const [heeding] = (await scenario.create(1, { second: { kind: 'hold' } })) as [string];
  const [deaf] = (await scenario.create(1, { second: { kind: 'neverEnd' } })) as [string];
  for (const runId of [heeding, deaf]) scenario.expectEnd(runId, 'errored');
  await scenario.ended();
  return { scenario, limited, heeding, deaf };
}

/** A job that never ends and has no timeout, cancelled by hand after two leases; others run beside it. */
async function cancelUnending(mode: Mode) {
  const scenario = await openIn(mode, { options: { leaseMs: LEASE_MS, concurrency: 2 } });
  const worker = await scenario.crew.start();
  const [runId] = (await scenario.create(1, { second: { kind: 'neverEnd' } })) as [string];
  await worker.seen('entered', { count: 2 });
  await scenario.create(2, { first: { kind: 'take', ms: LEASE_MS } });
  await scenario.ended(2);
  const held = await scenario.versions(runId);
  await scenario.executor.cancelProgram(runId);
  scenario.expectEnd(runId, 'errored');
  const [lost] = await worker.seen('leaseLost', { runId });
  await worker.seen('logged', { action: 'job-stuck' });
  await scenario.ended();
  return { scenario, worker, held, lost };
}

describe('Faults, running: a job does not end', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  const all = modes();
  const limited = atOnce(all, runUnending);
  const cancelled = atOnce(all, cancelUnending);

  for (const mode of all) {
    it(`job that never settles but heeds its signal: aborted at its timeout, retried, then failed, on ${mode.name}`, async () => {
      const { scenario, heeding } = await limited(mode);
      expect(await scenario.executor.getProgram(heeding)).to.include({ errorMessage: TIMED_OUT, step: 1 });
      expect(scenario.crew.reports('entered', heeding)).to.have.lengthOf(3);
    });

    it(`job that ignores its signal: reported as stuck, retried, then failed, on ${mode.name}`, async () => {
      const { scenario, limited: worker, deaf } = await limited(mode);
      expect(await scenario.executor.getProgram(deaf)).to.include({ errorMessage: TIMED_OUT, step: 1 });
      expect(scenario.crew.reports('entered', deaf)).to.have.lengthOf(3);
      expect(worker.reports('logged', deaf)).to.have.lengthOf(2);
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    it(`job that never settles, without a timeout: keeps its lease until it is cancelled, others go on beside it, on ${mode.name}`, async () => {
      const { scenario, held, lost } = await cancelled(mode);
      expect(Math.max(...held.map(({ fence }) => fence))).to.equal(1);
      expect(lost).to.include({ job: 'second', reason: 'cancelled' });
      expect(await scenario.verdict()).to.deep.equal([]);
    });
  }
});
