import { expect } from 'chai';
import { reconnectDelayMs } from '../../src/queue-manager/rabbitmq/back-off.js';

describe('delay before reconnecting', () => {
  const almostOne = 1 - Number.EPSILON;

  it('has a ceiling that doubles from 0.2 s to 25 s', () => {
    const ceilings = [0, 1, 2, 6, 7, 1_000_000].map((attempt) => reconnectDelayMs(attempt, almostOne));
    expect(ceilings).to.deep.equal([200, 400, 800, 12_800, 25_000, 25_000]);
  });

  it('is spread over the whole span below the ceiling', () => {
    expect([0, 0.25, 0.5].map((random) => reconnectDelayMs(3, random))).to.deep.equal([0, 400, 800]);
  });
});
