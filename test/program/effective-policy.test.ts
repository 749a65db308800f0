import { expect } from 'chai';
import { retryPresets, type RetryPolicy } from '../../index.js';
import { effectivePolicy, type RetryLevels } from '../../src/program/effective-policy.js';
import { backOffMs, completePolicy, DEFAULT_RETRY_POLICY } from '../../src/program/retry-policy.js';

const program: RetryPolicy = { maxAttempts: 2, on: 'any' };
const job: RetryPolicy = { initialBackoffMs: 50 };
const executor: RetryPolicy = { maxAttempts: 9, strategy: 'fixed' };

describe('the policy that decides', () => {
  const { workpool } = retryPresets;
  const cases: [what: string, levels: RetryLevels, decides: RetryPolicy][] = [
    ['is the default where nothing is said', [], DEFAULT_RETRY_POLICY],
    ["WP-6: is the executor's where nothing else is said", [undefined, undefined, executor], executor],
    ["is the job's rather than the executor's", [undefined, job, executor], job],
    ["is the program's rather than any other", [program, job, executor], program],
    ['is what the name of a preset stands for', [undefined, 'tem', executor], retryPresets.tem],
    ["WP-4, WP-6: with true is workpool's where there is none", [true], workpool],
    ["WP-6: with true is the executor's", [true, undefined, executor], executor],
    ["with true for the program is the job's own", [true, job, executor], job],
    ["with true for the job is the executor's", [undefined, true, executor], executor],
    ["with true for the program and nothing but false outside is workpool's", [true, false, false], workpool],
    ["with true everywhere is workpool's", [true, true, true], workpool],
  ];
  for (const [title, levels, decides] of cases)
    it(title, () => {
      expect(effectivePolicy(...levels)).to.deep.equal(completePolicy(decides));
    });

  it('WP-5, WP-6: with false has one attempt, whatever is said further out', () => {
    const cases: RetryLevels[] = [[false], [undefined, false, executor], [false, job, executor]];
    for (const levels of cases) expect(effectivePolicy(...levels).maxAttempts).to.equal(1);
  });

  it('is taken as a whole: what it leaves out has its default, not the value from further out', () => {
    expect(effectivePolicy(undefined, job, executor)).to.deep.equal({
      ...DEFAULT_RETRY_POLICY,
      initialBackoffMs: 50,
    });
  });
});

describe('the preset', () => {
  const delaysOf = (policy: RetryPolicy, attempts: number[], random = 0.5) =>
    attempts.map((attempt) => backOffMs(completePolicy(policy), attempt, random));
  const { workpool, tem, emartech } = retryPresets;

  it('workpool, WP-4, WP-20: waits 250, 500, 1,000 and 2,000 ms between 5 attempts', () => {
    expect(workpool.maxAttempts).to.equal(5);
    expect(delaysOf(workpool, [1, 2, 3, 4])).to.deep.equal([250, 500, 1_000, 2_000]);
  });

  it('workpool, WP-19: spreads each delay evenly from 0.5 to 1.5 times', () => {
    const chances = [0, 0.25, 0.5, 0.75, 1 - Number.EPSILON];
    const delays = chances.map((chance) => delaysOf(workpool, [4], chance)[0]);
    expect(delays).to.deep.equal([1_000, 1_500, 2_000, 2_500, 3_000]);
  });

  it('tem, TEM-18, TEM-27: makes 3 attempts, one right after the other', () => {
    expect(tem).to.include({ maxAttempts: 3, on: 'any' });
    expect(delaysOf(tem, [1, 2], 0.9)).to.deep.equal([0, 0]);
  });

  it('emartech, EM-41: repeats retryable errors each second for ever', () => {
    expect(emartech).to.include({ maxAttempts: Infinity, on: 'retryable' });
    expect(delaysOf(emartech, [1, 2, 1_000_000], 0.9)).to.deep.equal([1_000, 1_000, 1_000]);
  });

  it('is frozen, as are all together', () => {
    for (const thing of [retryPresets, workpool, tem, emartech])
      expect(Object.isFrozen(thing)).to.equal(true);
  });
});
