import { expect } from 'chai';
import { retryPresets } from '../../index.js';
import { retryProblem } from '../../src/program/retry-problem.js';

const ANY = /^expected true, false, .* 'workpool' or 'tem' or 'emartech'$/;

describe('what is wrong with retry', () => {
  const sound: unknown[] = [
    undefined,
    true,
    false,
    {},
    'workpool',
    ...Object.values(retryPresets),
    { maxAttempt: 3 },
    { maxAttempts: undefined, maxAttempt: 3, strategy: 'quadratic' },
  ];
  for (const retry of sound)
    it(`is nothing with ${JSON.stringify(retry)}`, () => {
      expect(retryProblem(retry)).to.equal(undefined);
    });

  const wrong: [retry: unknown, key: string, problem: RegExp][] = [
    [null, 'retry', ANY],
    [3, 'retry', ANY],
    [['tem'], 'retry', ANY],
    ['Tem', 'retry', ANY],
    ['toString', 'retry', ANY],
    [{ maxAttempts: 0 }, 'retry.maxAttempts', /^expected a whole number from 1, or Infinity$/],
    [
      { strategy: 'linear' },
      'retry.strategy',
      /^expected 'exponential' or 'fixed' or 'quadratic' or 'none'$/,
    ],
    [{ jitter: null }, 'retry.jitter', /^expected a number from 0 to 1$/],
    [{ toString: 1 }, 'retry.toString', /^unknown setting; known are maxAttempts, /],
    [{ maxAttempts: 3, maxAttempt: 3 }, 'retry.maxAttempt', /left out where maxAttempts is given/],
  ];
  for (const [retry, key, problem] of wrong)
    it(`is named with ${JSON.stringify(retry)}`, () => {
      const found = retryProblem(retry);
      expect(found?.key).to.equal(key);
      expect(found?.problem).to.match(problem);
    });
});
