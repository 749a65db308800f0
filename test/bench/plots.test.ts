import { expect } from 'chai';
import { drawBars } from '../../bench/plots/bars.js';
import { drawPlots } from '../../bench/plots/draw-plots.js';
import { linearScale, logScale, roundTicks } from '../../bench/plots/scale.js';

describe('plots of the benchmark', () => {
  it('map the ends of a domain to the ends of the range', () => {
    const scale = linearScale([0, 200], [100, 0]);
    expect([scale(0), scale(100), scale(200)]).to.deep.equal([100, 50, 0]);
  });

  it('give each power of ten the same room', () => {
    const scale = logScale([1, 1_000], [0, 300]);
    expect([1, 10, 100, 1_000].map((value) => Math.round(scale(value)))).to.deep.equal([0, 100, 200, 300]);
  });

  for (const [most, ticks] of [
    [10, [0, 2, 4, 6, 8, 10]],
    [17_500, [0, 5_000, 10_000, 15_000, 20_000]],
    [0, [0]],
  ] as const)
    it(`mark round values up to ${most}`, () => {
      expect(roundTicks(most)).to.deep.equal(ticks);
    });

  it('write numbers on bars and escape labels', () => {
    const svg = drawBars('a < b', [{ label: 'x & y', value: 12_345, isOurs: true }]);
    expect(svg).to.include('12,345').and.include('x &amp; y').and.include('a &lt; b');
  });

  it('are left as they are where everything failed', () => {
    const measured = { label: 'ours', system: 'ours', measurements: [{ value: 1, cpuMs: {}, programs: 1 }] };
    const tables = [[], [measured]].map((series) => ({ title: 'Create', unit: 'programs/s', series }));
    const plots = drawPlots([{ scenario: 'create', hypothesis: '', tables }]);
    expect(Object.keys(plots)).to.deep.equal(['create-2.svg']);
  });
});
