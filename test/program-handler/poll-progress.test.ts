import { expect } from 'chai';
import { PollProgress } from '../../src/program-handler/poll-progress.js';
import type { ClaimedRow } from '../../src/program-handler/rows.js';

const due = (...moments: number[]) => moments.map((dueAtMs) => ({ dueAtMs }) as ClaimedRow);

/** A poll of `limit` programs that was sent at one moment, and came back at another with these rows. */
function poll(progress: PollProgress, sentAtMs: number, rows: ClaimedRow[], limit: number, atMs = sentAtMs) {
  progress.found(rows, limit, { from: progress.from(sentAtMs), sentAtMs }, atMs);
}

describe('where a poll begins', () => {
  let progress: PollProgress;

  beforeEach(() => {
    progress = new PollProgress();
  });

  it('goes on from the latest row of a poll that came back full', () => {
    expect(progress.from(0)).to.equal(0);
    poll(progress, 1, due(5, 9, 7), 3);
    expect(progress.from(10)).to.equal(9);
  });

  it('starts anew after a poll that found less than it could take', () => {
    poll(progress, 0, due(5, 9), 3);
    expect(progress.from(10)).to.equal(0);
  });

  it('starts anew after a second, for what became due before that', () => {
    poll(progress, 0, due(5), 1);
    expect(progress.from(999)).to.equal(5);
    poll(progress, 1_000, due(3), 1);
    expect(progress.from(1_500)).to.equal(3);
  });

  it('starts anew more seldom where that takes long, as it walks past all that is dead', () => {
    poll(progress, 0, due(5), 1, 200);
    expect(progress.from(3_999)).to.equal(5);
    poll(progress, 4_000, due(6), 1, 4_010);
    expect(progress.from(5_000)).to.equal(0);
  });

  it('starts anew each minute at least, however long it takes', () => {
    poll(progress, 0, due(5), 1, 10_000);
    expect(progress.from(59_999)).to.equal(5);
    expect(progress.from(60_000)).to.equal(0);
  });

  it('takes no search that went on from there for one from the start', () => {
    poll(progress, 0, due(5), 1, 10);
    poll(progress, 100, due(6), 1, 900);
    expect(progress.from(1_000)).to.equal(0);
  });

  it('goes on from where it was while a search from the start is under way, and after one that failed', () => {
    poll(progress, 0, due(5), 1);
    expect(progress.from(1_000)).to.equal(0);
    expect(progress.from(1_001)).to.equal(5);
    poll(progress, 1_900, due(6), 1, 1_990);
    expect(progress.from(2_000)).to.equal(0);
  });

  it('is not moved by one that began behind what another has found since', () => {
    poll(progress, 0, due(5), 1);
    const search = { from: progress.from(900), sentAtMs: 900 };
    poll(progress, 1_000, due(3), 1, 1_010);
    progress.found(due(9), 1, search, 1_020);
    expect(progress.from(1_030)).to.equal(3);
  });
});
