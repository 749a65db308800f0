import { expect } from 'chai';
import { describeProgram } from '../../src/cli/describe-program.js';
import { lineOf } from '../../src/cli/report-error.js';
import { oneLine } from '../../src/cli/render/format.js';
import { describeServiceEvent } from '../../src/cli/service/service-event.js';
import type { ProgramView } from '../../src/program/program.js';

/** Would clear the terminal, as its 7-bit and its 8-bit form. */
const [CLEAR, CLEAR_8_BIT] = ['\u001B[2J', '\u009B2J'];

describe('text of others', () => {
  it('is one line without control characters', () => {
    expect(oneLine(`a\r\n${CLEAR}b\u2028c\n`)).to.equal('a [2Jb c');
  });

  it('reads in one direction', () => {
    expect(oneLine('a\u202Eb\u2066c\u2069\u200Fd\u061C')).to.equal('abcd');
  });

  it('is one line in what a worker tells of itself', () => {
    const error = `Error: a${CLEAR}\n    at send`;
    const line = describeServiceEvent({ event: 'strayError', pid: 7, error, graceMs: 1_000 });
    expect(line).to.equal('7 drains for up to 1 s and ends, as nobody handled: Error: a [2J     at send');
    const failed = describeServiceEvent({ event: 'handOverFailed', pid: 7, reason: `No\n${CLEAR_8_BIT}` });
    expect(failed).to.equal('worker 7: others cannot take its programs yet (No 2J)');
  });

  it('is one line in an error', () => {
    expect(lineOf(new Error(`Program not found for zz${CLEAR}\n\u202E.`))).to.equal(
      'Program not found for zz [2J .',
    );
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
