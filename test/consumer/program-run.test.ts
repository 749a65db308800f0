import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { checkWorkerOptions } from '../../src/config/index.js';
import type { RunEnvironment } from '../../src/consumer/environment.js';
import type { Leases, LossReason } from '../../src/consumer/leases/index.js';
import { ProgramRun } from '../../src/consumer/program-run.js';
import { JobSlots } from '../../src/consumer/job-slots.js';
import { Quarantine } from '../../src/consumer/quarantine.js';
import { StepCounts } from '../../src/consumer/step-counts.js';
import type { ClaimedProgram } from '../../src/program/program.js';
import { safeEmit } from '../../src/telemetry/events.js';
import { silentLogger } from '../support/silent-logger.js';

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

/** Runs a program of one job; `onRecord` happens while its end is being written. */
async function eventsOfRun(
  onRecord: (loseLease: (reason: LossReason) => void) => Promise<void>,
): Promise<string[]> {
  const emitter = new EventEmitter();
  const events: string[] = [];
  for (const name of ['programFinished', 'leaseLost']) emitter.on(name, () => events.push(name));
  let loseLease!: (reason: LossReason) => void;
  const leases = {
    hold: (_claim: unknown, { onLost }: { onLost: typeof loseLease }) => {
      loseLease = onLost;
      return { release: () => undefined };
    },
  };
  const programs = {
    record: async () => {
      await onRecord(loseLease);
      return 'applied';
    },
    standing: () => Promise.resolve('lost'),
  };
  const environment = {
    library: { only: { name: 'only', execute: () => undefined } },
    options: checkWorkerOptions({}),
    programs,
    slots: new JobSlots(1),
    suspects: new Quarantine(),
    counts: new StepCounts(),
    logger: silentLogger,
    emit: safeEmit(emitter, () => undefined),
    isStopping: () => false,
    expectDue: () => undefined,
  };
  const parts = [environment as unknown as RunEnvironment, leases as unknown as Leases] as const;
  await new ProgramRun(PROGRAM, ...parts, () => undefined).run();
  await new Promise(setImmediate);
  return events;
}

describe('a run', () => {
  it('has lost nothing when a renewal meets its own end', async () => {
    const events = await eventsOfRun(async (loseLease) => {
      loseLease('refused');
      await new Promise(setImmediate);
    });
    expect(events).to.deep.equal(['programFinished']);
  });

  it('has lost nothing when that is found out after it', async () => {
    const events = await eventsOfRun((loseLease) => {
      loseLease('refused');
      return Promise.resolve();
    });
    expect(events).to.deep.equal(['programFinished']);
  });
});
