import { expect } from 'chai';
import { inheritedArguments } from '../../src/testing/inherited-arguments.js';

describe('the arguments of Node that a crash test passes on', () => {
  const passedOn: [given: string[], expected: string[]][] = [
    [
      ['--import', 'tsx', '--enable-source-maps'],
      ['--import', 'tsx', '--enable-source-maps'],
    ],
    [
      ['-r', './setup.cjs', '--conditions=source'],
      ['-r', './setup.cjs', '--conditions=source'],
    ],
    [['--inspect-brk=9229', '--import=tsx'], ['--import=tsx']],
    [['--test', '--test-reporter=spec', '--watch', '--no-warnings'], ['--no-warnings']],
    [['--input-type=module', '-e', 'run()'], []],
  ];
  for (const [given, expected] of passedOn)
    it(`are [${expected.join(' ')}] of [${given.join(' ')}]`, () => {
      expect(inheritedArguments(given)).to.deep.equal(expected);
    });
});
