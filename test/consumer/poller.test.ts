import { expect } from 'chai';
import type { Intake } from '../../src/consumer/intake.js';
import { Poller } from '../../src/consumer/poller.js';
import type { ClaimLane } from '../../src/program-handler/index.js';
import { silentLogger } from '../support/silent-logger.js';

/** A poller that always finds ten due programs, and how it is told of what happens meanwhile. */
function pollerOf(onPoll: (count: number) => void): Poller {
  let polls = 0;
  const claimDue = () => Promise.resolve().then(() => (onPoll((polls += 1)), 10));
  const intake = { pollableSlots: 10, claimDue } as unknown as Intake;
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
});
