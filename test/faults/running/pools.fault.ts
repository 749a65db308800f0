import { expect } from 'chai';
import type { PoolLimits } from '../../../index.js';
import { eventually } from '../../support/eventually.js';
import { atOnce } from '../harness/at-once.js';
import type { CrewMember } from '../harness/crew.js';
import { startHeir } from '../harness/heir.js';
import { modes, openIn, type Mode } from '../harness/modes.js';
import { claimTimes, mostHeldAtOnce } from '../harness/pool-audit.js';
import { JOBS, type Actions, type WorkerSpec } from '../harness/protocol.js';
import { Scenario } from '../harness/scenario.js';

const LEASE_MS = 2_000;
const SLOTS = 3;
const WAITING = 9;
const HOLD: Actions = { second: { kind: 'hold' } };

interface Strike {
  readonly title: string;
  /** Of the worker that it strikes. */
  readonly spec: Partial<WorkerSpec>;
  readonly actions?: Actions;
  readonly strike: (doomed: CrewMember) => Promise<unknown>;
  /** What the struck worker does when all is over. */
  readonly after?: (doomed: CrewMember) => Promise<unknown>;
}

const enteredAll = (doomed: CrewMember) => doomed.seen('entered', { count: 2 * SLOTS });

const STRIKES: readonly Strike[] = [
  {
    title: 'killed while it holds every slot: they are free when its leases end',
    spec: { isGateOpen: false },
    actions: HOLD,
    strike: async (doomed) => {
      await enteredAll(doomed);
      await doomed.kill();
    },
  },
  {
    title: 'killed between its claim and the first job: its slots are free when its leases end',
    spec: { dieAt: 'before job' },
    strike: (doomed) => doomed.exited,
  },
  {
    title: 'killed between a job and its record: the job is run again, in a slot',
    spec: { dieAt: 'before record' },
    strike: (doomed) => doomed.exited,
  },
  {
    title: 'frozen past its lease: its slots are free then, and it takes none when it thaws',
    spec: { isGateOpen: false },
    actions: HOLD,
    strike: async (doomed) => {
      await enteredAll(doomed);
      doomed.freeze();
    },
    after: async (doomed) => {
      doomed.openGate();
      doomed.thaw();
      await doomed.seen('leaseLost', { count: SLOTS });
      expect(await doomed.stop()).to.equal(0);
    },
  },
];

async function openPool(mode: Mode, limits: PoolLimits, leaseMs = LEASE_MS): Promise<Scenario> {
  const scenario = await openIn(mode, { options: { leaseMs } });
  await scenario.executor.pools.set('mail', limits);
  return scenario;
}

async function createIn(scenario: Scenario, count: number, actions: Actions = {}): Promise<void> {
  const program = { jobs: [...JOBS], pool: 'mail', programData: actions };
  const runIds = await scenario.executor.createPrograms(Array(count).fill(program));
  for (const runId of runIds) scenario.expectEnd(runId, 'finished');
}

/** All slots are given back. */
function slotsFree({ knex, table }: Scenario): Promise<boolean> {
  return eventually('no slot is held', async () => (await knex(`${table}_slots`)).length === 0);
}

async function struckAndRecovered(mode: Mode, { spec, actions, strike, after }: Strike): Promise<Scenario> {
  const scenario = await openPool(mode, { maxParallelism: SLOTS });
  const doomed = await scenario.crew.start(spec);
  await createIn(scenario, WAITING, actions);
  await strike(doomed);
  scenario.struck();
  await startHeir(scenario);
  await scenario.ended();
  await after?.(doomed);
  await slotsFree(scenario);
  return scenario;
}

/** Tokens that a dead worker took are spent. */
async function killedWithTokens(mode: Mode): Promise<Scenario> {
  const scenario = await openPool(mode, { rateLimit: { requests: 4, windowMs: 1_000 } });
  const doomed = await scenario.crew.start({ dieAt: 'before job' });
  await createIn(scenario, WAITING);
  await doomed.exited;
  scenario.struck();
  await startHeir(scenario);
  await scenario.ended();
  await slotsFree(scenario);
  return scenario;
}

/** A supervisor sees the death long before the lease ends. */
async function handedOver(mode: Mode): Promise<Scenario> {
  const scenario = await openPool(mode, { maxParallelism: SLOTS }, 3_600_000);
  const doomed = await scenario.crew.start({ isGateOpen: false });
  await createIn(scenario, WAITING, HOLD);
  await enteredAll(doomed);
  const [held] = (await scenario.knex(scenario.table).whereNotNull('claimed_by')) as { claimed_by: string }[];
  await doomed.kill();
  await startHeir(scenario);
  scenario.struck();
  expect(await scenario.executor.expireClaims(String(held?.claimed_by).replace(/:\d+$/, ''))).to.equal(SLOTS);
  await scenario.ended();
  await slotsFree(scenario);
  return scenario;
}

describe('Faults, running: workers that hold slots of a pool', function () {
  this.timeout(90_000);
  after(() => Scenario.closeAll());

  for (const mode of modes())
    describe(`on ${mode.name}`, () => {
      const recovered = atOnce(STRIKES, (strike) => struckAndRecovered(mode, strike));
      for (const strike of STRIKES)
        it(strike.title, async () => {
          const scenario = await recovered(strike);
          expect(await scenario.verdict()).to.deep.equal([]);
          expect(mostHeldAtOnce(await scenario.versions(), LEASE_MS)).to.equal(SLOTS);
        });

      it('killed with tokens: they are spent, and no window has more starts than its bucket allows', async () => {
        const scenario = await killedWithTokens(mode);
        expect(await scenario.verdict()).to.deep.equal([]);
        const times = claimTimes(await scenario.versions());
        for (const [index, fromMs] of times.entries()) {
          const after = times.slice(index).filter((atMs) => atMs < fromMs + 1_000);
          expect(after.length).to.be.at.most(8);
        }
        expect(times.at(-1)! - times[0]!).to.be.at.least((times.length - 4) * 250 - 1);
      });

      it('killed under a supervisor: its slots are free at once, whatever the lease', async () => {
        const scenario = await handedOver(mode);
        expect(await scenario.verdict()).to.deep.equal([]);
      });
    });
});
