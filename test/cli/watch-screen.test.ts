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

const failure = (runId: string, message: string) => ({ runId, message, erroredAt: new Date(0) });

/** A terminal that keeps what it is sent. */
function terminal(): { stream: NodeJS.WriteStream; sent: () => string } {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream;
  Object.assign(stream, { isTTY: true, columns: 120, rows: 40 });
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
