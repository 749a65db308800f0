import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Execute } from '../../index.js';
import { checkWorkerOptions } from '../../src/config/index.js';
import type { RunEnvironment } from '../../src/consumer/environment.js';
import type { Leases, LossReason } from '../../src/consumer/leases/index.js';
import { ProgramRun } from '../../src/consumer/program-run.js';
import { JobSlots } from '../../src/consumer/job-slots.js';
import { Quarantine } from '../../src/consumer/quarantine.js';
import { StepCounts } from '../../src/consumer/step-counts.js';
import { monotonicMs } from '../../src/program/monotonic-clock.js';
import type { ClaimedProgram } from '../../src/program/program.js';
import type { Transition } from '../../src/program/transition.js';
import { safeEmit } from '../../src/telemetry/events.js';
import { silentLogger } from '../support/silent-logger.js';

const LEASE_MS = 2_000;
const PROGRAM: ClaimedProgram = {
  id: 1,
  runId: 'mine',
  jobs: ['only'],
  programData: {},
  jobData: {},
  step: 0,
  stepRetryCount: 0,
  lostCount: 0,
  fence: 1,
  claimedBy: 'me',
  claimedAtMs: 0,
};

type LoseLease = (reason: LossReason) => void;

interface RunSetting {
  /** Of the program's only job. */
  readonly execute?: (loseLease: LoseLease) => Execute;
  /** Happens while its end is being written. */
  readonly onRecord?: (loseLease: LoseLease) => Promise<void>;
  /** For how long the program has been claimed without a renewal. */
  readonly heldForMs?: number;
}

/** Runs a program of one job. */
async function eventsOfRun({ execute, onRecord, heldForMs = 0 }: RunSetting) {
  const emitter = new EventEmitter();
  const events: string[] = [];
  const recorded: Transition[] = [];
  for (const name of ['jobStarted', 'programFinished', 'leaseLost'])
    emitter.on(name, () => events.push(name));
  let onLost!: LoseLease;
  const loseLease: LoseLease = (reason) => onLost(reason);
  const leases = {
    hold: (_claim: unknown, listener: { onLost: LoseLease }) => {
      ({ onLost } = listener);
      return { sinceMs: () => monotonicMs() - heldForMs, release: () => undefined };
    },
  };
  const programs = {
    record: async (change: Transition) => {
      recorded.push(change);
      await onRecord?.(loseLease);
      return 'applied';
    },
    recordWith: async (_runId: string, work: (trx: unknown) => Promise<{ value: unknown }>) =>
      (await work({})).value,
    standing: () => Promise.resolve('lost'),
  };
  const environment = {
    library: { only: { name: 'only', execute: execute?.(loseLease) ?? (() => undefined) } },
    options: checkWorkerOptions({ leaseMs: LEASE_MS }),
    programs,
    slots: new JobSlots(1),
    suspects: new Quarantine(),
    counts: new StepCounts(),
    logger: silentLogger,
    emit: safeEmit(emitter, () => undefined),
    isStopping: () => false,
    expectDue: () => undefined,
    ring: () => undefined,
  };
  const parts = [environment as unknown as RunEnvironment, leases as unknown as Leases] as const;
  await new ProgramRun(PROGRAM, ...parts, () => undefined).run();
  await new Promise(setImmediate);
  return { events, recorded };
}

describe('a run', () => {
  it('has lost nothing when a renewal meets its own end', async () => {
    const { events } = await eventsOfRun({
      onRecord: async (loseLease) => {
        loseLease('refused');
        await new Promise(setImmediate);
      },
    });
    expect(events).to.deep.equal(['jobStarted', 'programFinished']);
  });

  it('has lost nothing when that is found out after it', async () => {
    const { events } = await eventsOfRun({
      onRecord: (loseLease) => {
        loseLease('refused');
        return Promise.resolve();
      },
    });
    expect(events).to.deep.equal(['jobStarted', 'programFinished']);
  });

  it('has lost nothing when its job tidies up after the transaction that ended the program', async () => {
    const { events } = await eventsOfRun({
      execute:
        (loseLease) =>
        async (_message, _jobData, { transaction, signal }) => {
          await transaction(() => Promise.resolve());
          loseLease('refused');
          await new Promise(setImmediate);
          expect(signal.aborted).to.equal(false);
        },
    });
    expect(events).to.deep.equal(['jobStarted', 'programFinished']);
  });

  it('that heard too late of its claim gives it back untried: another worker may have the program', async () => {
    const { events, recorded } = await eventsOfRun({ heldForMs: LEASE_MS });
    expect(events).to.deep.equal([]);
    expect(recorded).to.have.lengthOf(1);
    expect(recorded[0]).to.deep.include({ nextStep: 0, end: null, release: true, delayMs: 0, attempt: null });
  });
});
