import { expect } from 'chai';
import { groupErrors, patternOf } from '../../src/program-handler/reports/index.js';

describe('error patterns', () => {
  const cases: [message: string, pattern: string][] = [
    ['Page 12 not found', 'Page <n> not found'],
    ['took 1.5 s', 'took <n> s'],
    ['No answer for 0190a1b2-0000-7000-8000-0000000000ff', 'No answer for <id>'],
    ['order 5f3a9c21b7 is gone', 'order <id> is gone'],
    ['the deadbeef of a facade', 'the deadbeef of a facade'],
    ['HTTP 503', 'HTTP <n>'],
    ['connect ECONNREFUSED 127.0.0.1:5432', 'connect ECONNREFUSED <n>.<n>:<n>'],
  ];
  for (const [message, pattern] of cases)
    it(`"${message}" is one of "${pattern}"`, () => {
      expect(patternOf(message)).to.equal(pattern);
    });

  it('are counted together, the most frequent first, as many as are asked for', () => {
    const messages = [
      { message: 'Slow', count: 2 },
      { message: 'Page 1', count: 1 },
      { message: 'Other', count: 1 },
      { message: 'Page 2', count: 3 },
    ];
    expect(groupErrors(messages, 2)).to.deep.equal([
      { pattern: 'Page <n>', count: 4, example: 'Page 1' },
      { pattern: 'Slow', count: 2, example: 'Slow' },
    ]);
  });
});
