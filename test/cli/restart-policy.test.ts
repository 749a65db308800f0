import { expect } from 'chai';
import { countCrash, isHopeless, restartDelayMs } from '../../src/cli/service/restart-policy.js';

describe('restarting workers', () => {
  it('waits half a second, doubling to 30 seconds', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 100].map(restartDelayMs);
    expect(delays).to.deep.equal([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('forgets earlier crashes after a minute of health', () => {
    expect(countCrash(7, { readyForMs: 59_999 })).to.equal(8);
    expect(countCrash(7, { readyForMs: undefined })).to.equal(8);
    expect(countCrash(7, { readyForMs: 60_000 })).to.equal(1);
  });

  it('is given up only where no worker has ever started', () => {
    expect(isHopeless(5, false)).to.equal(false);
    expect(isHopeless(6, false)).to.equal(true);
    expect(isHopeless(600, true)).to.equal(false);
  });
});
