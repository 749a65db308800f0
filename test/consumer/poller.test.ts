import { expect } from 'chai';
import type { Intake } from '../../src/consumer/intake.js';
import { Poller } from '../../src/consumer/poller.js';
import type { ClaimLane } from '../../src/program-handler/index.js';
import { silentLogger } from '../support/silent-logger.js';

/** A poller that always finds ten due programs, and how it is told of what happens meanwhile. */
function pollerOf(onPoll: (count: number) => void): Poller {
  let polls = 0;
  const claimDue = () => Promise.resolve().then(() => (onPoll((polls += 1)), 10));
  const intake = { pollable: 10, claimDue } as unknown as Intake;
  const claims = { untilDueMs: () => Promise.resolve(0) } as unknown as ClaimLane;
  return new Poller({ claims, intake, maxSleepMs: 60_000, logger: silentLogger });
}

describe('the poll', () => {
  it('goes on at once after it came back full, also when its programs wait for a retry by then', async () => {
    const third = await new Promise<number>((resolve) => {
      const poller: Poller = pollerOf((count) => {
        // The programs of this poll end before the next one, and come back in an hour.
        setImmediate(() => poller.wakeIn(3_600_000));
        queueMicrotask(() => process.nextTick(() => poller.wakeIn(3_600_000)));
        if (count < 3) return;
        void poller.stop();
        resolve(count);
      });
    });
    expect(third).to.equal(3);
  });

  it('waits for room, and not for a time, when hints took all there was while it asked', async () => {
    let pollable = 10;
    const claimed = await new Promise<number>((resolve) => {
      const claimDue = (limit: number) => {
        void poller.stop();
        resolve(limit);
        return Promise.resolve(limit);
      };
      const intake = {
        get pollable() {
          return pollable;
        },
        claimDue,
      } as unknown as Intake;
      const untilDueMs = () => {
        pollable = 0;
        setImmediate(() => {
          pollable = 3;
          poller.onSlotFree();
        });
        return Promise.resolve(0);
      };
      const lane = { untilDueMs: () => (pollable === 10 ? untilDueMs() : Promise.resolve(0)) };
      const claims = lane as unknown as ClaimLane;
      const poller = new Poller({ claims, intake, maxSleepMs: 60_000, logger: silentLogger });
    });
    expect(claimed).to.equal(3);
  });

  it('claims again, without asking, when it did not hear what it had claimed', async () => {
    const claimedTwice = await new Promise<boolean>((resolve) => {
      let claims = 0;
      const claimDue = () => {
        claims += 1;
        if (claims === 1) return Promise.reject(new Error('Connection terminated'));
        void poller.stop();
        resolve(true);
        return Promise.resolve(1);
      };
      const intake = { pollable: 10, claimDue } as unknown as Intake;
      // What was claimed unheard is due for nobody, this worker included.
      const untilDueMs = () => Promise.resolve(claims === 0 ? 0 : 60_000);
      const lane = { untilDueMs } as unknown as ClaimLane;
      const poller = new Poller({ claims: lane, intake, maxSleepMs: 60_000, logger: silentLogger });
    });
    expect(claimedTwice).to.equal(true);
  });
});
