import { expect } from 'chai';
import fc from 'fast-check';
import { FULL_BUCKET, takeToken, type RateLimit } from '../../src/rate-limit/token-bucket.js';

/** When each of the tries, at these times, was given a token. */
function taken(limit: RateLimit, triesAtMs: readonly number[]): number[] {
  let level = FULL_BUCKET;
  return triesAtMs.filter((nowMs) => {
    const taking = takeToken(limit, level, nowMs);
    level = taking.level;
    return taking.taken;
  });
}

describe('token bucket', () => {
  const limit = { requests: 3, windowMs: 1_000 };

  it('gives as many at once as the limit says, and then none', () => {
    expect(taken(limit, [5, 5, 5, 5, 5])).to.deep.equal([5, 5, 5]);
  });

  it('gives the next one when a share of the window is over, to the millisecond', () => {
    expect(taken(limit, [0, 0, 0, 333, 334, 334, 667, 999, 1_000, 1_000])).to.deep.equal([
      0, 0, 0, 334, 667, 1_000,
    ]);
  });

  it('says how long to wait, and a token is there then', () => {
    const { level } = takeToken({ requests: 1, windowMs: 700 }, FULL_BUCKET, 100);
    const refused = takeToken({ requests: 1, windowMs: 700 }, level, 350);
    expect(refused).to.deep.equal({ taken: false, level, waitMs: 450 });
    expect(takeToken({ requests: 1, windowMs: 700 }, level, 350 + 449).taken).to.equal(false);
    expect(takeToken({ requests: 1, windowMs: 700 }, level, 350 + 450).taken).to.equal(true);
  });

  it('holds no more than the limit, however long nothing is taken', () => {
    expect(taken(limit, [0, 86_400_000, 86_400_000, 86_400_000, 86_400_000])).to.have.length(4);
  });

  it('refills nothing when the clock goes back, and nothing twice when it comes forward again', () => {
    expect(taken(limit, [1_000, 1_000, 500, 1_000, 1_333, 1_334])).to.deep.equal([1_000, 1_000, 500, 1_334]);
  });

  it('never gives more in any time than the limit at once and the rate for that time', () => {
    const limits = fc.record({
      requests: fc.integer({ min: 1, max: 1_000 }),
      windowMs: fc.integer({ min: 1, max: 100_000 }),
    });
    const gaps = fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 300 });
    fc.assert(
      fc.property(limits, gaps, (someLimit, gapsMs) => {
        let nowMs = 0;
        const given = taken(
          someLimit,
          gapsMs.map((gapMs) => (nowMs += gapMs)),
        );
        const mostMs = (count: number): number =>
          ((count - someLimit.requests) * someLimit.windowMs) / someLimit.requests;
        given.forEach((fromMs, from) =>
          given.slice(from).forEach((atMs, index) => {
            expect(atMs - fromMs).to.be.at.least(mostMs(index + 1) - 1e-6);
          }),
        );
      }),
    );
  });
});
