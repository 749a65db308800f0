import { expect } from 'chai';
import { Intake } from '../../src/consumer/intake.js';
import { JobSlots } from '../../src/consumer/job-slots.js';
import type { ClaimedProgram } from '../../src/program/program.js';
import type { ClaimLane } from '../../src/program-handler/index.js';
import type { Hint, HintNote } from '../../src/queue-manager/index.js';

const PROGRAM = { runId: 'x' } as ClaimedProgram;

/** An intake whose claims come back as told, one after the other; the last one again and again. */
function intakeWith(...claims: ClaimedProgram[][]) {
  const seen = { claims: 0, runs: 0, settled: '' };
  const claimRung = () => Promise.resolve(claims[Math.min(seen.claims++, claims.length - 1)]);
  const startRun = () => Promise.resolve(void (seen.runs += 1));
  const intake = new Intake(
    { claimRung } as unknown as ClaimLane,
    new JobSlots(1),
    startRun,
    () => undefined,
  );
  const hint = (note?: HintNote): Hint => ({
    runId: 'x',
    note,
    ack: () => void (seen.settled = 'ack'),
    requeue: () => void (seen.settled = 'requeue'),
  });
  return { intake, seen, hint };
}

describe('hints', () => {
  it('whose claim is refused are done with at once', async () => {
    const { intake, seen, hint } = intakeWith([]);
    intake.onHint(hint());
    await intake.idle();
    expect(seen).to.deep.equal({ claims: 1, runs: 0, settled: 'ack' });
  });

  it('that come before their program are tried again until it is there', async () => {
    const { intake, seen, hint } = intakeWith([], [], [PROGRAM]);
    intake.onHint(hint('early'));
    await intake.idle();
    expect(seen).to.deep.equal({ claims: 3, runs: 1, settled: 'ack' });
  });

  it('whose program never comes are done with after a few tries', async () => {
    const { intake, seen, hint } = intakeWith([]);
    intake.onHint(hint('early'));
    await intake.idle();
    expect(seen).to.deep.equal({ claims: 5, runs: 0, settled: 'ack' });
  });
});
