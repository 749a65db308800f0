import { expect } from 'chai';
import { PollProgress } from '../../src/program-handler/poll-progress.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';

const due = (...moments: number[]) => moments.map((dueAtMs) => ({ dueAtMs }) as ClaimedRow);

describe('where a poll begins', () => {
  it('goes on from the latest row of a poll that came back full', () => {
    const progress = new PollProgress();
    expect(progress.from(0)).to.equal(0);
    progress.found(due(5, 9, 7), 3, 5);
    expect(progress.from(10)).to.equal(9);
  });

  it('starts anew after a poll that found less than it could take', () => {
    const progress = new PollProgress();
    progress.from(0);
    progress.found(due(5, 9), 3, 5);
    expect(progress.from(10)).to.equal(0);
  });

  it('starts anew after a second, for what became due before that', () => {
    const progress = new PollProgress();
    progress.from(0);
    progress.found(due(5), 1, 5);
    expect(progress.from(999)).to.equal(5);
    expect(progress.from(1_000)).to.equal(0);
    progress.found(due(6), 1, 1_005);
    expect(progress.from(1_500)).to.equal(6);
  });

  it('starts anew more seldom where that takes long, as it walks past all that is dead', () => {
    const progress = new PollProgress();
    progress.from(0);
    progress.found(due(5), 1, 200);
    expect(progress.from(3_999)).to.equal(5);
    expect(progress.from(4_000)).to.equal(0);
    progress.found(due(6), 1, 4_010);
    expect(progress.from(5_000)).to.equal(0);
  });

  it('takes no search that went on from there for one from the start', () => {
    const progress = new PollProgress();
    progress.from(0);
    progress.found(due(5), 1, 10);
    progress.from(900);
    progress.found(due(6), 1, 990);
    expect(progress.from(1_000)).to.equal(0);
  });
});
