import { expect } from 'chai';
import { withOpen } from '../../src/program-handler/lines/batch-row.js';

const COUNTS = { total: 10, finished: 4, errored: 2, cancelled: 1, retried: 5 };

describe('what of a batch is open', () => {
  it('waits where it does not run', () => {
    expect(withOpen(COUNTS, 2)).to.deep.equal({ ...COUNTS, waiting: 1, running: 2 });
    expect(withOpen(COUNTS, 0)).to.deep.equal({ ...COUNTS, waiting: 3, running: 0 });
  });

  it('adds up to the total, also where some have ended since those that run were counted', () => {
    expect(withOpen(COUNTS, 5)).to.deep.equal({ ...COUNTS, waiting: 0, running: 3 });
    expect(withOpen({ ...COUNTS, finished: 7 }, 5)).to.include({ waiting: 0, running: 0 });
  });
});
