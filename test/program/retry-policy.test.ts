import { expect } from 'chai';
import fc from 'fast-check';
import {
  backOffMs,
  completePolicy,
  DEFAULT_RETRY_POLICY,
  type RetryStrategy,
} from '../../src/program/retry-policy.js';

const STRATEGIES = ['exponential', 'fixed', 'quadratic', 'none'] as const;
const random = () => fc.double({ min: 0, max: 0.999_999, noNaN: true });

describe('the back-off of a retry policy', () => {
  it('doubles from 1 s to 5 min by default', () => {
    const delays = [1, 2, 3, 9, 10, 50].map((attempt) => backOffMs(DEFAULT_RETRY_POLICY, attempt, 0.5));
    expect(delays).to.deep.equal([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  });

  it('is a whole number of milliseconds from 0 to maxBackoffMs, for any policy, attempt and chance', () => {
    const policy = fc.record({
      maxAttempts: fc.constant(Infinity),
      strategy: fc.constantFrom(...STRATEGIES),
      initialBackoffMs: fc.integer({ min: 0, max: 1e9 }),
      base: fc.double({ min: 1, max: 1e6, noNaN: true }),
      maxBackoffMs: fc.integer({ min: 0, max: 1e9 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      on: fc.constantFrom('retryable' as const, 'any' as const),
    });
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 1e6 }), random(), (policy, attempt, chance) => {
        const delayMs = backOffMs(policy, attempt, chance);
        return Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= policy.maxBackoffMs;
      }),
    );
  });

  it('is nothing when it begins with nothing, however many attempts', () => {
    expect(backOffMs({ ...DEFAULT_RETRY_POLICY, initialBackoffMs: 0 }, 550_974, 0)).to.equal(0);
  });

  it('never shrinks from one attempt to the next without jitter', () => {
    const attempts = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(fc.constantFrom(...STRATEGIES), attempts, (strategy, attempt) => {
        const policy = { ...DEFAULT_RETRY_POLICY, strategy, jitter: 0 };
        return backOffMs(policy, attempt, 0) <= backOffMs(policy, attempt + 1, 0);
      }),
    );
  });

  const delays: [RetryStrategy, number[]][] = [
    ['exponential', [2_000, 6_000, 18_000, 54_000, 100_000]],
    ['fixed', [2_000, 2_000, 2_000, 2_000, 2_000]],
    ['quadratic', [2_000, 8_000, 18_000, 32_000, 50_000]],
    ['none', [0, 0, 0, 0, 0]],
  ];
  for (const [strategy, expected] of delays)
    it(`of the strategy '${strategy}' is ${expected.join(', ')} ms from 2 s, with base 3 and at most 100 s`, () => {
      const given = { strategy, initialBackoffMs: 2_000, base: 3, maxBackoffMs: 100_000, jitter: 0 };
      const policy = completePolicy(given);
      expect([1, 2, 3, 4, 5].map((attempt) => backOffMs(policy, attempt, 0))).to.deep.equal(expected);
    });

  it('spreads a delay by the jitter, up and down', () => {
    const policy = { ...DEFAULT_RETRY_POLICY, jitter: 0.5 };
    expect(backOffMs(policy, 1, 0)).to.equal(500);
    expect(backOffMs(policy, 1, 0.999_999)).to.be.closeTo(1_500, 1);
  });
});

describe('a retry policy', () => {
  it('TEM-18: may say maxAttempt instead of maxAttempts', () => {
    expect(completePolicy({ maxAttempt: 3 })).to.deep.equal({ ...DEFAULT_RETRY_POLICY, maxAttempts: 3 });
  });

  it('is the same after a way through JSON, also without limit', () => {
    const policy = { maxAttempts: Infinity, jitter: 0, strategy: 'fixed' } as const;
    expect(completePolicy(JSON.parse(JSON.stringify(policy)) as object)).to.deep.equal(
      completePolicy(policy),
    );
  });
});
