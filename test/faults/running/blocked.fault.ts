import { expect } from 'chai';
import { atOnce } from '../harness/at-once.js';
import { startHeir } from '../harness/heir.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';

const LEASE_MS = 2_000;
const MAX_BLOCKED_MS = 1_000;

/** A job computes for three leases; another worker looks for something to do meanwhile. */
async function computeForThreeLeases(mode: Mode) {
  const scenario = await openIn(mode, { options: { leaseMs: LEASE_MS } });
  const busy = await scenario.crew.start();
  await scenario.create(1, { second: { kind: 'compute', ms: 3 * LEASE_MS } });
  await busy.seen('entered', { count: 2 });
  const inherited = await startHeir(scenario);
  await scenario.ended();
  return { scenario, inherited };
}

/** The same, but for longer than it may. */
async function blockForTooLong(mode: Mode) {
  const scenario = await openIn(mode);
  const options = { leaseMs: LEASE_MS, maxBlockedMs: MAX_BLOCKED_MS };
  const blocked = await scenario.crew.start({ options });
  await scenario.create(1, { second: { kind: 'blockOnce', ms: 3 * LEASE_MS } });
  await blocked.seen('entered', { count: 2 });
  scenario.struck();
  await startHeir(scenario);
  const [report] = await blocked.seen('leaseLost');
  await scenario.ended();
  return { scenario, report };
}

describe('Faults, running: the event loop is blocked', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  const all = modes();
  const computed = atOnce(all, computeForThreeLeases);
  const blocked = atOnce(all, blockForTooLong);

  for (const mode of all) {
    it(`event loop blocked for 3 leases by a busy job: neither taken over nor started twice, on ${mode.name}`, async () => {
      const { scenario, inherited } = await computed(mode);
      expect(inherited).to.deep.equal([]);
      expect(await scenario.verdict()).to.deep.equal([]);
      const versions = await scenario.versions();
      expect(Math.max(...versions.map(({ fence }) => fence))).to.equal(1);
      expect(Math.max(...versions.map(({ losses }) => losses))).to.equal(0);
    });

    it(`event loop blocked past maxBlockedMs: let go, reported with the job's name, on ${mode.name}`, async () => {
      const { scenario, report } = await blocked(mode);
      expect(report).to.include({ job: 'second', reason: 'blocked' });
      expect(await scenario.verdict()).to.deep.equal([]);
      expect(Math.max(...(await scenario.versions()).map(({ losses }) => losses))).to.equal(1);
    });
  }
});
