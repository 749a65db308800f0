import { expect } from 'chai';
import { differenceMs, parseStat } from '../../bench/harness/cpu-time.js';

describe('CPU time in the benchmark', () => {
  it('is read of a process whose name has spaces and parentheses', () => {
    const stat = '42 (node (a) b) S 7 42 42 0 -1 4194560 100 0 0 0 150 50 20 10 20 0 11 0 1 2 3';
    expect(parseStat(42, stat)).to.deep.equal({ pid: 42, parentPid: 7, cpuMs: 2_300 });
  });

  it('counts from nothing for a process that was not there before', () => {
    expect(differenceMs({ a: 10 }, { a: 30, b: 5 })).to.deep.equal({ a: 20, b: 5 });
  });
});
