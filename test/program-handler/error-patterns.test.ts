import { expect } from 'chai';
import { ErrorGroups, patternOf } from '../../src/program-handler/reports/index.js';

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

  const MESSAGES: [message: string, count: number][] = [
    ['Slow', 2],
    ['Page 1', 1],
    ['Other', 1],
    ['Page 2', 3],
  ];
  const added = (groups: ErrorGroups): ErrorGroups => {
    for (const [message, count] of MESSAGES) groups.add(message, count);
    return groups;
  };

  it('are counted together, the most frequent first, as many as are asked for', () => {
    expect(added(new ErrorGroups()).top(2)).to.deep.equal([
      { pattern: 'Page <n>', count: 4, example: 'Page 1' },
      { pattern: 'Slow', count: 2, example: 'Slow' },
    ]);
  });

  it('are told apart up to a number, and all others counted as such', () => {
    expect(added(new ErrorGroups(1)).top(2)).to.deep.equal([
      { pattern: 'other messages', count: 5, example: 'Page 1' },
      { pattern: 'Slow', count: 2, example: 'Slow' },
    ]);
  });
});
