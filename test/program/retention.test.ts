import { expect } from 'chai';
import { endToForget, isTooYoung, type AgedProgram } from '../../src/program/retention.js';

const PROGRAM: AgedProgram = {
  id: 1,
  createdForMs: 100,
  finishedForMs: null,
  erroredForMs: null,
  isSettled: true,
  isTakenOver: false,
};
const RETENTION = { finishedMs: 7, erroredMs: 30 };

describe('retention', () => {
  const ends: [what: string, program: Partial<AgedProgram>, end: string | undefined][] = [
    ['a program that has not ended', {}, undefined],
    ['one that finished just now', { finishedForMs: 6 }, undefined],
    ['one that finished for so long', { finishedForMs: 7 }, 'finished'],
    ['one that errored for shorter', { erroredForMs: 29 }, undefined],
    ['one that errored for so long', { erroredForMs: 30 }, 'errored'],
    ['one of an old table that did both', { finishedForMs: 6, erroredForMs: 30 }, undefined],
    ['one that somebody ended while it waits in a line', { erroredForMs: 30, isSettled: false }, undefined],
    ['one that ends in the future, by hand', { finishedForMs: -5 }, undefined],
  ];
  for (const [what, program, end] of ends)
    it(`${end ? 'forgets' : 'keeps'} ${what}`, () => {
      expect(endToForget({ ...PROGRAM, ...program }, RETENTION)).to.equal(end);
    });

  it('keeps everything of which it says nothing', () => {
    const ended = { ...PROGRAM, finishedForMs: 1e12 };
    expect(endToForget(ended, { finishedMs: null, erroredMs: 0 })).to.equal(undefined);
    expect(endToForget({ ...PROGRAM, erroredForMs: 1e12 }, { finishedMs: 0, erroredMs: null })).to.equal(
      undefined,
    );
  });

  it('knows what is too young to be forgotten, whatever has become of it', () => {
    expect(isTooYoung({ ...PROGRAM, createdForMs: 6 }, RETENTION)).to.equal(true);
    expect(isTooYoung({ ...PROGRAM, createdForMs: 7 }, RETENTION)).to.equal(false);
    expect(isTooYoung({ ...PROGRAM, createdForMs: 8 }, { finishedMs: null, erroredMs: 30 })).to.equal(true);
    expect(isTooYoung({ ...PROGRAM, createdForMs: null }, RETENTION)).to.equal(false);
    expect(isTooYoung(PROGRAM, { finishedMs: null, erroredMs: null })).to.equal(true);
  });
});
