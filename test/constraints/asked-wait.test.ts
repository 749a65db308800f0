import { expect } from 'chai';
import { askedWaitMs } from '../../src/constraints/asked-wait.js';

const NOW_MS = Date.UTC(2026, 0, 1, 12, 0, 0);

const IN_A_MINUTE = 'Thu, 01 Jan 2026 12:01:00 GMT';
const IN_HALF_A_MINUTE = 'Thu, 01 Jan 2026 12:00:30 GMT';

describe('how long an answer asks to wait', () => {
  const cases: [said: string, headers: Record<string, string>, waitMs: number | undefined][] = [
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['no time at all', { 'retry-after': '0' }, 0],
    ['a date', { 'retry-after': 'Thu, 01 Jan 2026 12:01:30 GMT' }, 90_000],
    ['a date that has passed', { 'retry-after': 'Thu, 01 Jan 2026 11:59:00 GMT' }, 0],
    ['what is neither', { 'retry-after': 'soon' }, undefined],
    ['the seconds until the reset', { 'x-ratelimit-reset': '30' }, 30_000],
    ['the time of the reset in seconds', { 'x-ratelimit-reset': String(NOW_MS / 1_000 + 45) }, 45_000],
    ['the time of the reset in milliseconds', { 'x-ratelimit-reset': String(NOW_MS + 1_500) }, 1_500],
    ['a reset that has passed', { 'x-ratelimit-reset': String(NOW_MS / 1_000 - 45) }, 0],
    ['both, of which Retry-After counts', { 'retry-after': '2', 'x-ratelimit-reset': '30' }, 2_000],
    [
      'an unusable Retry-After, so that the reset counts',
      { 'retry-after': '', 'x-ratelimit-reset': '3' },
      3_000,
    ],
    ['no number and no date', { 'retry-after': '-5', 'x-ratelimit-reset': '30' }, 30_000],
    ['the same header twice', { 'retry-after': '60, 70' }, 70_000],
    ['a date by a clock that is ahead', { 'retry-after': IN_A_MINUTE, date: IN_HALF_A_MINUTE }, 30_000],
    ['longer than a year', { 'retry-after': '31622401' }, 31_622_400_000],
    ['as long as no number can say', { 'retry-after': '9'.repeat(400) }, 31_622_400_000],
    ['nothing', {}, undefined],
  ];
  for (const [said, headers, waitMs] of cases)
    it(`TEM-57: ${said}`, () => {
      expect(askedWaitMs(new Headers(headers), NOW_MS)).to.equal(waitMs);
    });
});
