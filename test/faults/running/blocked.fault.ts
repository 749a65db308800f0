import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { WorkerOptions } from '../../../index.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import { atOnce } from '../harness/at-once.js';
import type { Version } from '../harness/audit.js';
import { eventually } from '../../support/eventually.js';
import { startHeir } from '../harness/heir.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import type { Action } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

const LEASE_MS = 4_000;
const OPTIONS = { leaseMs: LEASE_MS };

/** Resolves with a worker whose lease thread has renewed the lease of a program, which now goes on to block. */
async function beginToBlock(scenario: Scenario, second: Action, options: WorkerOptions) {
  const busy = await scenario.crew.start({ isGateOpen: false, options });
  const [runId] = (await scenario.create(1, { first: { kind: 'hold' }, second })) as [string];
  await eventually('renewed', async () => isRenewed(await scenario.versions(runId)));
  busy.openGate();
  await busy.seen('entered', { count: 2 });
  return busy;
}

function isRenewed(versions: readonly Version[]): boolean {
  const [before, last] = versions.slice(-2);
  return before?.claimedBy !== null && before?.claimedBy === last?.claimedBy;
}

/** A job blocks for three leases; another worker looks for something to do meanwhile. */
async function blockForThreeLeases(mode: Mode) {
  const scenario = await openIn(mode, { options: OPTIONS });
  await beginToBlock(scenario, { kind: 'block', ms: 3 * LEASE_MS }, OPTIONS);
  const inherited = await startHeir(scenario);
  await scenario.ended();
  return { scenario, inherited };
}

/** A job blocks for longer than it may, until another worker has its program. */
async function blockForTooLong(mode: Mode) {
  const scenario = await openIn(mode, { options: OPTIONS });
  const file = join(temporaryFolder(), scenario.table);
  const options = { ...OPTIONS, maxBlockedMs: 1_000 };
  const blocked = await beginToBlock(scenario, { kind: 'blockUntil', file }, options);
  scenario.struck();
  const heir = await scenario.crew.start();
  await heir.seen('entered');
  await writeFile(file, '');
  const [report] = await blocked.seen('leaseLost', { job: 'second' });
  await scenario.ended();
  return { scenario, report };
}

describe('Faults, running: the event loop is blocked', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());
  const all = modes();
  const held = atOnce(all, blockForThreeLeases);
  const letGo = atOnce(all, blockForTooLong);

  for (const mode of all) {
    it(`event loop blocked for 3 leases by a busy job: neither taken over nor started twice, on ${mode.name}`, async () => {
      const { scenario, inherited } = await held(mode);
      expect(inherited).to.deep.equal([]);
      expect(await scenario.verdict()).to.deep.equal([]);
      const blocked = (await scenario.versions()).filter(({ step }) => step === 1);
      expect(new Set(blocked.map(({ claimedBy }) => claimedBy))).to.have.lengthOf(1);
    });

    it(`event loop blocked past maxBlockedMs: let go, reported with the job's name, on ${mode.name}`, async () => {
      const { scenario, report } = await letGo(mode);
      // 'lost': it wrote, and was refused, before it heard what its lease thread had to say.
      expect(report?.reason).to.be.oneOf(['blocked', 'lost']);
      expect(await scenario.verdict()).to.deep.equal([]);
      const blocked = (await scenario.versions()).filter(({ step }) => step === 1);
      expect(Math.max(...blocked.map(({ losses }) => losses))).to.equal(1);
    });
  }
});
