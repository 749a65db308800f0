import { expect } from 'chai';
import { Intake } from '../../src/consumer/intake.js';
import { JobSlots } from '../../src/consumer/job-slots.js';
import type { ClaimedProgram } from '../../src/program/program.js';
import type { ClaimLane } from '../../src/program-handler/index.js';

/** A thing that is done when it is told to be. */
class Held {
  readonly done: Promise<void>;
  finish!: () => void;

  constructor() {
    this.done = new Promise((resolve) => (this.finish = resolve));
  }
}

function jobsIn(slots: JobSlots, count: number): Held[] {
  const jobs = Array.from({ length: count }, () => new Held());
  for (const job of jobs) void slots.use(() => job.done);
  return jobs;
}

const settled = () => new Promise(setImmediate);

describe('slots of a worker', () => {
  it('are never more than were asked for, and are passed on in the order of asking', async () => {
    const slots = new JobSlots(2);
    const [first] = jobsIn(slots, 2);
    const started: string[] = [];
    for (const name of ['third', 'fourth'])
      void slots.use(() => {
        started.push(name);
        return new Held().done;
      });
    await settled();
    expect(started).to.deep.equal([]);
    first!.finish();
    // Whoever asks just now does not come before those that wait.
    void slots.use(() => void started.push('fifth'));
    await settled();
    expect({ started, taken: slots.taken, free: slots.free }).to.deep.equal({
      started: ['third'],
      taken: 2,
      free: 0,
    });
  });

  it('are free again after work that failed, and tell so', async () => {
    const slots = new JobSlots(1);
    let told = 0;
    slots.whenFree(() => (told += 1));
    await slots.use(() => Promise.reject(new Error('no'))).catch(() => undefined);
    expect({ free: slots.free, told }).to.deep.equal({ free: 1, told: 1 });
  });

  it('let all in that wait when they are closed, and everybody after them', async () => {
    const slots = new JobSlots(1);
    const [first] = jobsIn(slots, 1);
    let entered = 0;
    const waiting = Promise.all([1, 2].map(() => slots.use(() => (entered += 1))));
    slots.close();
    await waiting;
    await slots.use(() => (entered += 1));
    first!.finish();
    await settled();
    expect({ entered, taken: slots.taken }).to.deep.equal({ entered: 3, taken: 0 });
  });

  const programs = { 1: 1, 49: 49, 50: 125, 200: 500 };
  for (const [most, expected] of Object.entries(programs))
    it(`of which there are ${most} have up to ${expected} programs under way`, () => {
      expect(new JobSlots(Number(most)).programs).to.equal(expected);
    });
});

describe('a worker with many slots', () => {
  it('claims more while the steps of its programs are written down, and no more than it may have', async () => {
    const slots = new JobSlots(50);
    const [job, record] = [new Held(), new Held()];
    const claims = {
      async *claimDue(limit: number) {
        yield await Promise.resolve(Array<ClaimedProgram>(limit).fill({} as ClaimedProgram));
      },
    } as unknown as ClaimLane;
    const run = () => slots.use(() => job.done).then(() => record.done);
    const intake = new Intake(claims, slots, run, () => undefined);
    await intake.claimDue(intake.pollable);
    await settled();
    const whileJobsRun = intake.pollable;
    job.finish();
    await settled();
    const whileTheirEndsAreWritten = intake.pollable;
    await intake.claimDue(50);
    await settled();
    const withAHundred = intake.pollable;
    record.finish();
    await intake.idle();
    expect({ whileJobsRun, whileTheirEndsAreWritten, withAHundred, after: intake.pollable }).to.deep.equal({
      whileJobsRun: 0,
      whileTheirEndsAreWritten: 50,
      withAHundred: 25,
      after: 50,
    });
  });
});
