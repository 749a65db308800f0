import { expect } from 'chai';
import { describeProgram } from '../../src/cli/describe-program.js';
import { oneLine } from '../../src/cli/render/format.js';
import type { ProgramView } from '../../src/program/program.js';

/** Would clear the terminal, as its 7-bit and its 8-bit form. */
const [CLEAR, CLEAR_8_BIT] = ['\u001B[2J', '\u009B2J'];

describe('text of others', () => {
  it('is one line without control characters', () => {
    expect(oneLine(`a\r\n${CLEAR}b\u2028c\n`)).to.equal('a [2Jb c');
  });

  const cuts: [text: string, maxLength: number, cut: string][] = [
    ['abcd', 4, 'abcd'],
    ['abcde', 4, 'abc…'],
    ['ab😀de', 5, 'ab😀de'],
    ['ab😀de', 4, 'ab😀…'],
    ['😀😀😀', 2, '😀…'],
  ];
  for (const [text, maxLength, cut] of cuts)
    it(`${text} has at most ${maxLength} characters as ${cut}`, () => {
      expect(oneLine(text, maxLength)).to.equal(cut);
    });

  it('is whole where a program is shown, and writes nowhere else on the terminal', () => {
    const long = 'x'.repeat(1_000);
    const program: ProgramView = {
      runId: `run${CLEAR}`,
      jobs: [`a${CLEAR}`, 'b'],
      programData: { to: `you${CLEAR_8_BIT}` },
      jobData: { [`a${CLEAR}`]: { page: CLEAR_8_BIT } },
      step: 1,
      stepRetryCount: 0,
      finishedAt: null,
      erroredAt: new Date(0),
      errorMessage: `No\nanswer${CLEAR} ${long}`,
      createdAt: null,
      updatedAt: null,
    };
    expect(describeProgram(program).split('\n')).to.deep.equal([
      'program        run [2J',
      'status         errored at 1970-01-01T00:00:00.000Z',
      'jobs           a [2J → [b]',
      `error          No answer [2J ${long}`,
      'data           {"to":"you 2J"}',
      'data of a [2J  {"page":" 2J"}',
    ]);
  });
});
