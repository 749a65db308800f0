import { expect } from 'chai';
import { reconnectDelayMs } from '../../src/queue-manager/rabbitmq/back-off.js';

describe('delay before reconnecting', () => {
  const almostOne = 1 - Number.EPSILON;

  it('has a ceiling that doubles from 0.2 s to 30 s', () => {
    const ceilings = [0, 1, 2, 7, 8, 1_000_000].map((attempt) => reconnectDelayMs(attempt, almostOne));
    expect(ceilings).to.deep.equal([200, 400, 800, 25_600, 30_000, 30_000]);
  });

  it('is spread over the whole span below the ceiling', () => {
    expect([0, 0.25, 0.5].map((random) => reconnectDelayMs(3, random))).to.deep.equal([0, 400, 800]);
  });
});
