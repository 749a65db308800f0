import { expect } from 'chai';
import { explainRefusal, explainRefusedTransition, type RowState } from '../../src/program/refusal.js';
import type { Transition } from '../../src/program/transition.js';

const advance: Transition = {
  id: 1,
  fence: 3,
  claimedBy: 'me',
  step: 0,
  nextStep: 1,
  stepRetryCount: 0,
  lostCount: 0,
  end: null,
  errorMessage: null,
  release: false,
  delayMs: null,
  attempt: null,
};
const finish: Transition = { ...advance, nextStep: 0, end: 'finished', release: true };
const row: RowState = { id: 1, fence: 3, claimedBy: 'me', step: 0, finished: false, errored: false };

describe('a refused transition', () => {
  it('was applied already when the row shows its change under its own fence: only the reply was lost', () => {
    expect(explainRefusedTransition(advance, { ...row, step: 1 })).to.equal('alreadyApplied');
    expect(explainRefusedTransition(finish, { ...row, claimedBy: null, finished: true })).to.equal(
      'alreadyApplied',
    );
  });

  it('is lost when somebody else claimed the program, also when its step looks right', () => {
    expect(explainRefusedTransition(advance, { ...row, fence: 4, claimedBy: 'other', step: 1 })).to.equal(
      'lost',
    );
  });

  it('is cancelled when the row is errored', () => {
    expect(explainRefusedTransition(finish, { ...row, errored: true })).to.equal('cancelled');
  });

  it('is deleted when there is no row', () => {
    expect(explainRefusedTransition(advance, undefined)).to.equal('deleted');
  });
});

describe('a refused write that keeps the step', () => {
  const write = { id: 1, fence: 3, claimedBy: 'me' };
  const cases: [string, RowState | undefined, string][] = [
    ['mine again', row, 'held'],
    ['finished', { ...row, finished: true }, 'lost'],
    ['errored', { ...row, errored: true }, 'cancelled'],
    ['taken over', { ...row, fence: 4, claimedBy: 'other' }, 'lost'],
    ['released', { ...row, claimedBy: null }, 'lost'],
    ['gone', undefined, 'deleted'],
  ];
  for (const [name, state, expected] of cases)
    it(`reads a row that is ${name} as ${expected}`, () => {
      expect(explainRefusal(write, state)).to.equal(expected);
    });
});
