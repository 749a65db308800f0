import { expect } from 'chai';
import { AdaptiveSize } from '../../src/program-handler/adaptive-size.js';

describe('the size of a portion', () => {
  const sizeAfter = (...elapsedMs: number[]): number => {
    const portion = new AdaptiveSize({ min: 10, max: 100, targetMs: 40 });
    for (const ms of elapsedMs) portion.took(ms);
    return portion.size;
  };

  it('begins small', () => expect(sizeAfter()).to.equal(10));
  it('doubles while there is time to spare, up to its bound', () => {
    expect(sizeAfter(5, 5)).to.equal(40);
    expect(sizeAfter(5, 5, 5, 5, 5)).to.equal(100);
  });
  it('stays when it takes about as long as it is to', () => expect(sizeAfter(5, 30, 30)).to.equal(20));
  it('halves when it takes longer, down to its bound', () => {
    expect(sizeAfter(5, 5, 60)).to.equal(20);
    expect(sizeAfter(60, 60)).to.equal(10);
  });
});
