import { expect } from 'chai';
import { create } from '../../bench/scenarios/create.js';
import { contextOf, notesOf, notingContender } from './support/noting.js';
import { toldBy } from './support/told.js';

describe('creating in the benchmark', () => {
  toldBy('log');

  it('warms every system up with as many programs', async () => {
    const context = contextOf('--quick', '--programs', '100');
    const slow = { ...notingContender(), createShare: 0.5 };
    await create.run(context, [notingContender(), slow]);
    const runs = notesOf(context).join(' ').split(' tearDown');
    const counts = runs.map((run) => run.split(' ').filter((command) => command === 'create').length);
    expect(counts.slice(0, 4)).to.deep.equal([50 + 10, 50 + 5, 200 + 40, 200 + 20]);
  });
});
