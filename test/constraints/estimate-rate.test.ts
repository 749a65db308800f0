import { expect } from 'chai';
import { estimateRate } from '../../src/constraints/estimate-rate.js';
import type { Burst } from '../../src/constraints/prober.js';
import { FULL_BUCKET, takeToken, type RateLimit } from '../../src/rate-limit/token-bucket.js';

function burst(startedAtMs: number, accepted: number, rateLimited = 0, waitMs?: number): Burst {
  return {
    size: accepted + rateLimited,
    startedAtMs,
    endedAtMs: startedAtMs + 50,
    limitedAtMs: rateLimited > 0 ? startedAtMs : 0,
    waitMs,
    accepted,
    rateLimited,
    overloaded: 0,
    denied: 0,
    failed: 0,
    serverErrors: 0,
  };
}

/** What an API with a token bucket answers to bursts of 4 that come every 20 ms, after a refusal a second later. */
function burstsAgainst(limit: RateLimit, untilMs: number): Burst[] {
  const bursts: Burst[] = [];
  let level = FULL_BUCKET;
  for (let nowMs = 5_000; nowMs < 5_000 + untilMs;) {
    let accepted = 0;
    for (let count = 0; count < 4; count += 1) {
      const taking = takeToken(limit, level, nowMs);
      level = taking.level;
      if (taking.taken) accepted += 1;
    }
    bursts.push(burst(nowMs, accepted, 4 - accepted));
    nowMs += accepted < 4 ? 1_000 : 20;
  }
  return bursts;
}

describe('the rate limit behind the answers', () => {
  for (const limit of [
    { requests: 20, windowMs: 1_000 },
    { requests: 30, windowMs: 10_000 },
    { requests: 60, windowMs: 60_000 },
  ])
    it(`is measured: ${limit.requests} in ${limit.windowMs} ms`, () => {
      const found = estimateRate(burstsAgainst(limit, 20_000));
      expect(found?.basis).to.equal('measured');
      expect(found?.limit.windowMs).to.equal(limit.windowMs);
      expect(found?.limit.requests).to.be.within(limit.requests * 0.9, limit.requests * 1.1);
    });

  it('keeps a window that is not a usual one', () => {
    const found = estimateRate(burstsAgainst({ requests: 80, windowMs: 4_000 }, 20_000));
    expect(found?.limit.windowMs).to.be.within(3_600, 4_400);
    expect((found?.limit.requests ?? 0) / (found?.limit.windowMs ?? 1)).to.be.closeTo(80 / 4_000, 0.002);
  });

  it('keeps a window in which there is no whole request of a shorter one', () => {
    for (const windowMs of [1_300, 13_000, 80_000]) {
      const once = burstsAgainst({ requests: 1, windowMs }, 20 * windowMs);
      const { limit } = estimateRate(once) ?? {};
      expect((limit?.requests ?? 0) / (limit?.windowMs ?? 1)).to.be.at.most(1.01 / windowMs);
    }
  });

  it('was met once: what was accepted since is borne in the whole time, and no more at once than before', () => {
    const slowly = [burst(0, 8), burst(100, 2, 6), burst(1_200, 0, 4), burst(2_200, 2), burst(2_250, 4)];
    expect(estimateRate(slowly)).to.deep.equal({
      limit: { requests: 6, windowMs: 2_300 },
      basis: 'met once',
    });
    const fast = [burst(0, 2, 2), burst(2_000, 4), burst(2_050, 4), burst(2_150, 4)];
    expect(estimateRate(fast)?.limit).to.deep.equal({ requests: 2, windowMs: 367 });
  });

  it('is assumed to be by the minute when nothing was accepted any more', () => {
    const bursts = [burst(0, 8), burst(100, 2, 6), burst(1_200, 0, 4), burst(2_300, 0, 2)];
    expect(estimateRate(bursts)).to.deep.equal({
      limit: { requests: 10, windowMs: 60_000 },
      basis: 'assumed',
    });
  });

  it('is assumed to last as long as the API asked to wait, where that is more than a minute', () => {
    expect(estimateRate([burst(0, 8), burst(100, 2, 6, 3_600_000)])?.limit).to.deep.equal({
      requests: 10,
      windowMs: 3_600_100,
    });
  });

  it('was not met: what was accepted is borne in the time that it took, at least a second', () => {
    const brief = estimateRate([burst(0, 8), burst(100, 8)]);
    expect(brief).to.deep.equal({ limit: { requests: 16, windowMs: 1_000 }, basis: 'borne' });
    expect(estimateRate([burst(0, 8), burst(2_000, 8)])?.limit).to.deep.equal({
      requests: 16,
      windowMs: 2_050,
    });
  });

  it('is unknown where nothing was accepted', () => {
    expect(estimateRate([])).to.equal(undefined);
    expect(estimateRate([burst(0, 0, 1)])).to.equal(undefined);
  });
});
