import { expect } from 'chai';
import { atOnce } from '../harness/at-once.js';
import { HOUR_MS, withClock } from '../harness/clocks.js';
import type { CrewMember } from '../harness/crew.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { Scenario } from '../harness/scenario.js';
import { createTimed, expectInTime } from '../harness/timed-programs.js';
import { leaseLeftMs } from '../harness/lease-left.js';

const LEASE_MS = 8_000;
const SHIFTS = { 'an hour late': -HOUR_MS, right: 0, 'an hour early': HOUR_MS };

/** Three workers, none of which agrees with another on what time it is. */
async function runAtThreeTimes(mode: Mode) {
  const scenario = await openIn(mode, { options: { leaseMs: LEASE_MS, concurrency: 3 } });
  const shifts = Object.values(SHIFTS);
  const workers = await Promise.all(shifts.map((shiftMs) => scenario.crew.start(withClock(shiftMs))));
  const programs = await createTimed(scenario, 1.25 * LEASE_MS);
  await scenario.ended();
  return { scenario, workers, programs };
}

/** A worker dies; one whose clock differs from its own by two hours takes over. */
async function takeOver(mode: Mode, shiftMs: number) {
  const scenario = await openIn(mode, { options: { leaseMs: LEASE_MS } });
  const doomed = await scenario.crew.start({ isGateOpen: false, ...withClock(shiftMs) });
  const [runId] = (await scenario.create(1, { second: { kind: 'hold' } })) as [string];
  await doomed.seen('entered', { count: 2 });
  const heir = await scenario.crew.start(withClock(-shiftMs));
  await doomed.kill();
  scenario.struck();
  const leftMs = await leaseLeftMs(scenario, runId);
  const atMs = performance.now();
  await heir.seen('entered');
  const waitedMs = performance.now() - atMs;
  await scenario.ended();
  return { scenario, leftMs, waitedMs };
}

async function errorOfClock(worker: CrewMember): Promise<number> {
  const [loaded] = await worker.seen('loaded');
  const errorMs = (loaded?.clock?.nowMs ?? 0) - Date.now();
  // -0 is not 0 to a deep comparison.
  return Math.round(errorMs / HOUR_MS) + 0;
}

describe("Faults, time: a worker's clock is wrong", function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  const all = modes();
  const ran = atOnce(all, runAtThreeTimes);
  const takenOver = {
    early: atOnce(all, (mode) => takeOver(mode, -HOUR_MS)),
    late: atOnce(all, (mode) => takeOver(mode, HOUR_MS)),
  };

  for (const mode of all) {
    it(`worker clock ±1 h: what is delayed, retried or long is neither early nor late nor taken over, on ${mode.name}`, async () => {
      const { scenario, workers, programs } = await ran(mode);
      expect(await Promise.all(workers.map(errorOfClock))).to.deep.equal([-1, 0, 1]);
      await expectInTime(scenario, programs);
      expect(await scenario.verdict()).to.deep.equal([]);
    });

    for (const [which, of] of Object.entries(takenOver))
      it(`worker clock ±1 h: a dead worker's program waits for its lease, though its heir is two hours ${which}, on ${mode.name}`, async () => {
        const { scenario, leftMs, waitedMs } = await of(mode);
        expect(leftMs).to.be.at.most(LEASE_MS);
        expect(waitedMs).to.be.above(leftMs - 50);
        expect(await scenario.verdict()).to.deep.equal([]);
      });
  }
});
