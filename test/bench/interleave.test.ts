import { expect } from 'chai';
import { interleave, type Trial } from '../../bench/harness/interleave.js';
import { contextOf } from './support/noting.js';
import { toldBy } from './support/told.js';

/** Gives its values one after the other; fails where there is none. */
function trialOf(label: string, values: (number | undefined)[]): Trial {
  let run = 0;
  const measure = () => {
    const value = values[run++];
    return value === undefined
      ? Promise.reject(new Error('not this time'))
      : Promise.resolve({ value, cpuMs: {}, programs: 1 });
  };
  return { label, system: 'ours', measure };
}

describe('trials of the benchmark', () => {
  const told = toldBy('error');

  it('run in turn', async () => {
    const order: string[] = [];
    const trials = [trialOf('a', [1, 2]), trialOf('b', [3, 4])];
    await interleave(contextOf('--runs', '2'), trials, ({ label }, { value }, run) => {
      order.push(`${label}${value} in run ${run}`);
    });
    expect(order).to.deep.equal(['a1 in run 1', 'b3 in run 1', 'a2 in run 2', 'b4 in run 2']);
  });

  it('keep what was measured when one fails, and leave out what always fails', async () => {
    const trials = [trialOf('a', [1, undefined, 3]), trialOf('b', []), trialOf('c', [4, 5, 6])];
    const series = await interleave(contextOf(), trials, () => undefined);
    const values = series.map(({ label, measurements }) => [label, measurements.map(({ value }) => value)]);
    expect(values).to.deep.equal([
      ['a', [1, 3]],
      ['c', [4, 5, 6]],
    ]);
    expect(told).to.have.length(4);
    expect(told[0]).to.include('run 1  b failed').and.include('not this time');
    expect(process.exitCode).to.equal(1);
  });

  it('end when the benchmark is interrupted', async () => {
    const controller = new AbortController();
    const interrupting = trialOf('a', []);
    const measure = () => {
      controller.abort(new Error('interrupted'));
      return interrupting.measure();
    };
    const context = { ...contextOf(), signal: controller.signal };
    const failure = await interleave(context, [{ ...interrupting, measure }], () => undefined).catch(String);
    expect(failure).to.equal('Error: interrupted');
    expect(told).to.deep.equal([]);
  });
});
