import { expect } from 'chai';
import { quantile, slope, summarise } from '../../bench/statistics/summary.js';

describe('statistics of the benchmark', () => {
  it('summarise values in any order', () => {
    expect(summarise([3, 1, 2])).to.deep.equal({ min: 1, median: 2, max: 3 });
  });

  it('take the middle of two as the median', () => {
    expect(quantile([1, 2], 0.5)).to.equal(1.5);
  });

  it('interpolate between neighbours', () => {
    expect(quantile([0, 10, 20, 30, 40], 0.9)).to.be.closeTo(36, 1e-9);
  });

  it('refuse to summarise nothing', () => {
    expect(() => quantile([], 0.5)).to.throw(RangeError);
  });

  it('find the slope of a line, and none where all points share an x', () => {
    expect(slope([0, 1, 2].map((x) => ({ x, y: 3 * x + 1 })))).to.be.closeTo(3, 1e-9);
    expect(
      slope([
        { x: 1, y: 1 },
        { x: 1, y: 5 },
      ]),
    ).to.equal(0);
  });
});
