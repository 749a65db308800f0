import { expect } from 'chai';
import { EventLoopLag } from '../../../src/consumer/upkeep/event-loop-lag.js';
import { eventually } from '../../support/eventually.js';

describe('the lag of the event loop', () => {
  let lag: EventLoopLag;
  beforeEach(() => (lag = new EventLoopLag()));
  afterEach(() => lag.stop());

  it('is for how long a job kept timers waiting, and is told once', async () => {
    expect(lag.take()).to.equal(0);
    const endsAtMs = performance.now() + 1_600;
    while (performance.now() < endsAtMs);
    const lagMs = await eventually('a timer came late', async () => lag.take() || undefined);
    expect(lagMs).to.be.at.least(500).and.below(60_000);
  });
});
