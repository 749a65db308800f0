import { expect } from 'chai';
import fc from 'fast-check';
import {
  faultOfService,
  interruptionOf,
  type BatchTally,
  type InterruptionCriteria,
} from '../../src/program/interruption.js';

const NOTHING: BatchTally = {
  total: 10,
  errored: 0,
  consecutiveErrors: 0,
  rateLimitHits: 0,
  serverErrors: 0,
  longestFailureMs: 0,
  runtimeMs: 0,
};

/** In TEM's order: a criterion of 3, the reason that it gives, and what is just not enough and just enough. */
const CRITERIA: readonly [keyof InterruptionCriteria, number, string, keyof BatchTally, number, number][] = [
  ['maxRuntimeMs', 3, 'runtime_exceeded', 'runtimeMs', 3, 4],
  ['jobTimeoutMs', 3, 'job_timeout', 'longestFailureMs', 3, 4],
  ['maxConsecutiveErrors', 3, 'consecutive_errors', 'consecutiveErrors', 2, 3],
  ['maxRateLimitHits', 3, 'rate_limit_hits', 'rateLimitHits', 2, 3],
  ['maxServerErrors', 3, 'server_errors', 'serverErrors', 2, 3],
  ['maxErrored', 3, 'errored', 'errored', 2, 3],
  ['maxErrorRate', 0.3, 'error_rate', 'errored', 3, 4],
];

const tallies = fc.record({
  total: fc.nat(100),
  errored: fc.nat(100),
  consecutiveErrors: fc.nat(10),
  rateLimitHits: fc.nat(10),
  serverErrors: fc.nat(10),
  longestFailureMs: fc.nat(1_000),
  runtimeMs: fc.nat(1_000),
});

describe('interruptionOf', () => {
  for (const [criterion, limit, reason, count, below, met] of CRITERIA)
    it(`TEM-46: ${criterion} gives the reason ${reason}, from ${met} on`, () => {
      const criteria = { [criterion]: limit };
      expect(interruptionOf(criteria, { ...NOTHING, [count]: below })).to.equal(undefined);
      expect(interruptionOf(criteria, { ...NOTHING, [count]: met })).to.include({ reason });
    });

  it('TEM-46: of several that are met, the first in this order gives the reason', () => {
    const all = Object.fromEntries(CRITERIA.map(([criterion, limit]) => [criterion, limit]));
    const tally = Object.assign({}, NOTHING, ...CRITERIA.map(([, , , count, , met]) => ({ [count]: met })));
    const reasons = CRITERIA.map((_, index) => {
      const left = Object.fromEntries(Object.entries(all).slice(index));
      return interruptionOf(left, tally)?.reason;
    });
    expect(reasons).to.deep.equal(CRITERIA.map(([, , reason]) => reason));
  });

  it('is met by nothing where there are no criteria, and by no rate where there are no programs', () => {
    fc.assert(fc.property(tallies, (tally) => interruptionOf({}, tally) === undefined));
    expect(interruptionOf({ maxErrorRate: 0 }, { ...NOTHING, total: 0 })).to.equal(undefined);
  });

  it('what is met stays met when the counts grow', () => {
    const limits = fc.record({ maxErrored: fc.integer({ min: 1, max: 9 }), maxRuntimeMs: fc.nat(500) });
    fc.assert(
      fc.property(limits, tallies, fc.nat(9), (criteria, tally, more) => {
        const grown = { ...tally, errored: tally.errored + more, runtimeMs: tally.runtimeMs + more };
        return interruptionOf(criteria, tally) === undefined || interruptionOf(criteria, grown) !== undefined;
      }),
    );
  });

  it('says in its message what was counted, and what the limit is', () => {
    const message = (criteria: InterruptionCriteria, tally: Partial<BatchTally>) =>
      interruptionOf(criteria, { ...NOTHING, ...tally })?.message;
    expect(message({ maxErrored: 3 }, { errored: 3 })).to.equal('3 programs errored, the limit is 3');
    expect(message({ maxErrorRate: 0.3 }, { errored: 4 })).to.equal(
      '0.4 of the programs errored (4 of 10 programs), more than 0.3',
    );
  });
});

describe('faultOfService', () => {
  const CASES: Readonly<Record<string, ReturnType<typeof faultOfService>>> = {
    'Request failed with status code 429': 'rateLimit',
    'Rate limit exceeded': 'rateLimit',
    'rate-limited for 5 s': 'rateLimit',
    'HTTP 502': 'server',
    '503 Service Unavailable': 'server',
    'Bad gateway': 'server',
    'the service unavailable': 'server',
    '429, then 503': 'rateLimit',
    'order 14290 was refused': undefined,
    'took 5020 ms': undefined,
    'HTTP 500': undefined,
    '': undefined,
  };
  for (const [message, fault] of Object.entries(CASES))
    it(`TEM-42, TEM-43: "${message}" tells of ${fault ?? 'nothing'}`, () => {
      expect(faultOfService(message)).to.equal(fault);
    });
});
