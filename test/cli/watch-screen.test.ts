import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { coloursFor } from '../../src/cli/render/colours.js';
import { Pace } from '../../src/cli/watch/pace.js';
import type { Progress } from '../../src/cli/watch/progress.js';
import { appendingScreen, redrawingScreen } from '../../src/cli/watch/screen.js';

const NONE = { total: 10, waiting: 10, running: 0, finished: 0, errored: 0, cancelled: 0, retried: 0 };
const PLAIN = coloursFor({ isTTY: false }, {});
const COLOURED = coloursFor({ isTTY: true }, {});
/** The code of each colour on a terminal. */
const [RED, GREEN, YELLOW, CYAN] = [31, 32, 33, 36];

function progress(counts: Partial<typeof NONE>, changes: Partial<Progress> = {}): Progress {
  const batch = {
    id: 1,
    code: 'mails',
    type: null,
    status: 'running' as const,
    createdAt: new Date(0),
    completedAt: null,
    counts: { ...NONE, ...counts },
  };
  return { batch, throughputPerSecond: 2, timeLeftMs: 3_000, lastErrors: [], stuck: [], ...changes };
}

const failure = (runId: string, message: string, atMs = 0) => ({
  runId,
  message,
  erroredAt: new Date(atMs),
});
const hanging = (runId: string) => ({ runId, job: 'send', worker: 'host:1:1', stuckForMs: 400_000 });

/** A terminal that keeps what it is sent. */
function terminal(size = { columns: 120, rows: 40 }): { stream: NodeJS.WriteStream; sent: () => string } {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  Object.assign(stream, { isTTY: true, ...size });
  const chunks: string[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
  return { stream, sent: () => chunks.join('') };
}

describe('a watched batch', () => {
  describe('on a terminal', () => {
    it('is drawn over what was drawn before', () => {
      const { stream, sent } = terminal();
      const screen = redrawingScreen(stream, PLAIN);
      screen.show(progress({ waiting: 9, finished: 1 }));
      const first = sent();
      screen.show(progress({ waiting: 5, finished: 5 }));
      screen.end();
      const cursorUp = '\u001B[1A';
      expect(first).to.not.include(cursorUp);
      expect(sent().slice(first.length)).to.include(cursorUp);
    });

    it('has a bar, its counts, its throughput, the time left and the last errors', () => {
      const { stream, sent } = terminal();
      const counts = { waiting: 3, running: 2, finished: 4, errored: 1 };
      redrawingScreen(stream, PLAIN).show(progress(counts, { lastErrors: [failure('x', 'No\nanswer')] }));
      const text = stripVTControlCharacters(sent());
      expect(text).to.include('mails  running');
      expect(text).to.include(`${'█'.repeat(20)}${'░'.repeat(20)} 50.0% (5/10)`);
      expect(text).to.include('4 finished  1 errored  0 cancelled  2 running  3 waiting');
      expect(text).to.include('2.00/s  3s left');
      expect(text).to.include('error  x: No answer');
    });

    for (const [columns, rows, shown] of [
      [80, 24, 18],
      [60, 24, 17],
      [80, 7, 1],
    ] as const)
      it(`shows its head and what there is room for on ${columns}×${rows}, a warning in a line`, () => {
        const { stream, sent } = terminal({ columns, rows });
        const stuck = Array.from({ length: 20 }, (_, n) => hanging(`${n} ${'long '.repeat(30)}`));
        const counts = { waiting: 3_000, running: 20, finished: 4_000, total: 7_020 };
        redrawingScreen(stream, COLOURED).show(progress(counts, { stuck }));
        const lines = stripVTControlCharacters(sent()).trimEnd().split('\n');
        expect(lines[0]).to.equal('mails  running');
        expect(lines.filter((line) => /^ {2}stuck {2}\d+ .*…$/.test(line))).to.have.length(shown);
        expect(lines.at(-1)).to.equal(`  … and ${20 - shown} more`);
        expect(Math.max(...lines.map(({ length }) => length))).to.be.at.most(columns);
      });

    it('is green, red, yellow and cyan, each for a status', () => {
      const { stream, sent } = terminal();
      redrawingScreen(stream, COLOURED).show(progress({ waiting: 3, running: 2, finished: 4, errored: 1 }));
      for (const [colour, text] of [
        [GREEN, '4 finished'],
        [RED, '1 errored'],
        [YELLOW, '2 running'],
        [CYAN, '3 waiting'],
      ])
        expect(sent()).to.include(`\u001B[${colour}m${text}`);
    });
  });

  describe('line by line', () => {
    it('has a line for each look at which programs moved, and each error once', () => {
      const { stream, sent } = terminal();
      const screen = appendingScreen(stream, PLAIN);
      const errors = { lastErrors: [failure('x', 'No answer')] };
      screen.show(progress({ waiting: 9, finished: 1 }));
      screen.show(progress({ waiting: 9, finished: 1 }, { throughputPerSecond: 1.5 }));
      screen.show(progress({ waiting: 8, finished: 1, errored: 1 }, errors));
      screen.show(progress({ waiting: 7, finished: 2, errored: 1 }, errors));
      expect(sent().replaceAll(/^\S+Z/gm, 'T').split('\n')).to.deep.equal([
        'T  running  10.0% (1/10)  1 finished  0 errored  0 cancelled  0 running  9 waiting  2.00/s  3s left',
        'T  running  20.0% (2/10)  1 finished  1 errored  0 cancelled  0 running  8 waiting  2.00/s  3s left',
        '  error  x: No answer',
        'T  running  30.0% (3/10)  2 finished  1 errored  0 cancelled  0 running  7 waiting  2.00/s  3s left',
        '',
      ]);
    });
  });

  describe('line by line, its errors', () => {
    /** The lines about errors that each look adds. */
    function errorLines(looks: readonly Progress[]): string[][] {
      const { stream, sent } = terminal();
      const screen = appendingScreen(stream, PLAIN);
      return looks.map((look) => {
        const before = sent().length;
        screen.show(look);
        return sent()
          .slice(before)
          .split('\n')
          .filter((line) => line.startsWith('  '));
      });
    }

    it('are told again of a program that was retried and failed again', () => {
      const looks = [1, 2, 2].map((atMs) =>
        progress({ errored: 1 }, { lastErrors: [failure('x', 'No', atMs)] }),
      );
      expect(errorLines(looks)).to.deep.equal([['  error  x: No'], ['  error  x: No'], []]);
    });

    it('are told once, also one that is among the last again as a later one was retried', () => {
      const [x, y] = [failure('x', 'No'), failure('y', 'No')];
      const looks = [[x], [y], [x]].map((lastErrors) => progress({ errored: 1 }, { lastErrors }));
      expect(errorLines(looks)).to.deep.equal([['  error  x: No'], ['  error  y: No'], []]);
    });

    it('are counted where there are more than it is given', () => {
      const { mostErrors } = appendingScreen(terminal().stream, PLAIN);
      const lastErrors = Array.from({ length: mostErrors }, (_, n) => failure(`x${n}`, 'No'));
      const [lines] = errorLines([progress({ errored: mostErrors + 7 }, { lastErrors })]);
      expect(lines).to.have.length(mostErrors + 1);
      expect(lines?.at(-1)).to.equal('  … and 7 more');
    });
  });

  describe('colours', () => {
    const cases: [where: string, stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv, isColoured: boolean][] =
      [
        ['on a terminal', { isTTY: true }, {}, true],
        ['in a pipe', {}, {}, false],
        ['in a pipe of a CI system', {}, { CI: 'true' }, false],
        ['on a terminal with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
        ['on a terminal with an empty NO_COLOR', { isTTY: true }, { NO_COLOR: '' }, true],
      ];
    for (const [where, stream, env, isColoured] of cases)
      it(`are ${isColoured ? 'used' : 'left out'} ${where}`, () => {
        expect(coloursFor(stream, env).isColorSupported).to.equal(isColoured);
      });
  });

  describe('its pace', () => {
    it('is unknown at the first look', () => {
      const pace = new Pace();
      pace.add(5, 0);
      expect([pace.perSecond, pace.timeLeftMs(5)]).to.deep.equal([null, null]);
    });

    it('is of the last minute, and tells the time left', () => {
      const pace = new Pace();
      for (const [ended, atMs] of [
        [0, 0],
        [10, 50_000],
        [130, 100_000],
      ] as const)
        pace.add(ended, atMs);
      expect([pace.perSecond, pace.timeLeftMs(24)]).to.deep.equal([2.4, 10_000]);
    });

    it('tells no time left where nothing ends', () => {
      const pace = new Pace();
      pace.add(5, 0);
      pace.add(5, 1_000);
      expect([pace.perSecond, pace.timeLeftMs(5)]).to.deep.equal([0, null]);
    });
  });
});
