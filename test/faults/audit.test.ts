import { expect } from 'chai';
import { violations, type Version } from './harness/audit.js';

const FRESH: Version = {
  runId: 'p',
  step: 0,
  fence: 0,
  finished: false,
  errored: false,
  retries: 0,
  losses: 0,
  claimedBy: null,
  atMs: 0,
};
const claimed: Version = { ...FRESH, fence: 1, claimedBy: 'w' };
const advanced: Version = { ...claimed, step: 1 };
const finished: Version = { ...advanced, finished: true, claimedBy: null };
const GOOD = [FRESH, claimed, advanced, finished];
const ONCE_EACH: [string, number][] = [
  ['p:0', 1],
  ['p:1', 1],
];

function verdict(
  history: Version[],
  succeeded = ONCE_EACH,
  end: 'finished' | 'errored' = 'finished',
): string {
  return violations({ runId: 'p', jobs: 2, end }, history, new Map(succeeded)).join('\n');
}

describe('Faults: the verdict on an audit', () => {
  it('is clean when every transition was made once', () => {
    expect(verdict(GOOD)).to.equal('');
    expect(verdict([...GOOD.slice(0, 3), { ...advanced, errored: true }], [['p:0', 1]], 'errored')).to.equal(
      '',
    );
  });

  it('finds a program that no trigger saw', () => {
    expect(verdict([])).to.include('finished 0 times instead of 1');
  });

  it('finds a step that was made twice', () => {
    const history = [FRESH, claimed, advanced, claimed, advanced, finished];
    expect(verdict(history))
      .to.include('advanced from step 0 2 times')
      .and.include('moved in another way 1 times');
  });

  it('finds a step that was left out', () => {
    expect(verdict([FRESH, claimed, { ...finished, step: 0 }])).to.include('advanced from step 0 0 times');
  });

  it('finds a step that was recorded twice', () => {
    expect(verdict(GOOD, [...ONCE_EACH.slice(1), ['p:0', 2]])).to.include(
      'recorded step 0 as succeeded 2 times',
    );
  });

  it('finds a fence that falls', () => {
    expect(verdict([FRESH, { ...claimed, fence: 2 }, advanced, finished])).to.include(
      'lowered its fence 1 times',
    );
  });

  it('finds a change after the end', () => {
    expect(verdict([...GOOD, finished])).to.include('changed after its end 1 times');
    const cancelled = { ...advanced, errored: true };
    const changed = { ...cancelled, step: 0, claimedBy: null };
    const history = [...GOOD.slice(0, 3), cancelled, changed];
    expect(verdict(history, [['p:0', 1]], 'errored')).to.include('changed after its end 1 times');
  });

  it('allows for the run of a cancelled program to let go of it', () => {
    const cancelled = { ...advanced, errored: true };
    const letGo = { ...cancelled, claimedBy: null, atMs: cancelled.atMs + 5 };
    const history = [...GOOD.slice(0, 3), cancelled, letGo];
    expect(verdict(history, [['p:0', 1]], 'errored')).to.equal('');
  });

  it('finds a program with both ends', () => {
    expect(verdict([...GOOD.slice(0, 3), { ...finished, errored: true }])).to.include(
      'both finished and errored',
    );
  });
});
