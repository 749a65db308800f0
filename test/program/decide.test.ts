import { expect } from 'chai';
import fc from 'fast-check';
import {
  NonRetryableError,
  RateLimitedError,
  RetryableError,
  IgnorableError,
} from '../../src/errors/index.js';
import { decide, type DecisionRules } from '../../src/program/decide.js';
import type { RetryLevels } from '../../src/program/effective-policy.js';
import { outcomeOfThrown, type Outcome } from '../../src/program/outcome.js';
import type { RetryPolicy } from '../../src/program/retry-policy.js';
import { toTransition } from '../../src/program/transition.js';
import type { ClaimedProgram } from '../../src/program/program.js';

const RULES: DecisionRules = {
  retry: [],
  ignorableErrors: 'end',
  unknownJob: 'defer',
  unknownJobTimeoutMs: 3_600_000,
  timeSliceUsed: false,
};
const at = (step: number, stepRetryCount = 0) => ({ jobs: ['a', 'b', 'c'], step, stepRetryCount });
const success: Outcome = { kind: 'succeeded', result: null };
const decideOn = (outcome: Outcome, rules: Partial<DecisionRules> = {}, position = at(1)) =>
  decide(position, outcome, { ...RULES, ...rules }, 0.5);
const thrown = (error: unknown, rules: Partial<DecisionRules> = {}, position = at(1)) =>
  decideOn(outcomeOfThrown(error), rules, position);

describe('decide', () => {
  it('advances after a success, keeping the claim', () => {
    expect(decideOn(success)).to.deep.equal({ kind: 'advance', release: false });
  });

  it('finishes after the success of the last job', () => {
    expect(decideOn(success, {}, at(2))).to.deep.equal({ kind: 'finish' });
  });

  it('gives the program back between two jobs when its time slice is used up, but not after the last', () => {
    expect(decideOn(success, { timeSliceUsed: true })).to.deep.equal({ kind: 'advance', release: true });
    expect(decideOn(success, { timeSliceUsed: true }, at(2))).to.deep.equal({ kind: 'finish' });
  });

  it('fails on a plain error', () => {
    expect(thrown(new Error('no'))).to.deep.equal({ kind: 'fail', message: 'no' });
  });

  it('retries anything marked retryable, after its own delay or the back-off', () => {
    expect(thrown({ retryable: true, message: 'soon' })).to.deep.include({ kind: 'retry', delayMs: 1_000 });
    expect(thrown(new RetryableError('soon', 1, { retryAfterMs: 7 }))).to.deep.include({ delayMs: 7 });
    expect(thrown(new RetryableError('soon'), {}, at(1, 3))).to.deep.include({ delayMs: 8_000 });
  });

  it('counts the first attempt among maxAttempts', () => {
    const retry = [{ maxAttempts: 3 }];
    expect(thrown(new RetryableError('x'), { retry }, at(0, 1)).kind).to.equal('retry');
    expect(thrown(new RetryableError('x'), { retry }, at(0, 2)).kind).to.equal('fail');
  });

  it('retries plain errors where the policy says any', () => {
    expect(thrown(new Error('x'), { retry: [{ on: 'any' }] }).kind).to.equal('retry');
    expect(thrown(new NonRetryableError('x'), { retry: [{ on: 'any' }] }).kind).to.equal('fail');
    expect(thrown(new IgnorableError('x'), { retry: [{ on: 'any' }] }).kind).to.equal('fail');
  });

  it('retries nothing where retries are not wanted, also not what is marked retryable', () => {
    expect(thrown(new RetryableError('x'), { retry: [false] }).kind).to.equal('fail');
    expect(thrown(new RetryableError('x', 1, { retryAfterMs: 7 }), { retry: [false] }).kind).to.equal('fail');
    expect(decideOn({ kind: 'yielded' }, { retry: [false] }).kind).to.equal('release');
  });

  it('goes by the innermost policy: program, then job, then worker, then executor', () => {
    const kinds = [
      [undefined, 'tem'],
      [true, 'tem'],
      ['tem', false],
      [false, 'tem'],
    ] as const;
    expect(kinds.map((retry) => thrown(new Error('x'), { retry }).kind)).to.deep.equal([
      'retry',
      'retry',
      'retry',
      'fail',
    ]);
  });

  it('takes a setting of the policy that is undefined for left out', () => {
    const retry = [{ maxBackoffMs: undefined } as unknown as RetryPolicy];
    expect(thrown(new RetryableError('x'), { retry })).to.deep.include({ kind: 'retry', delayMs: 1_000 });
  });

  it('ends the program on an ignorable error, or goes on where that is wanted', () => {
    expect(thrown(new IgnorableError('meh'))).to.deep.equal({ kind: 'fail', message: 'meh' });
    expect(thrown(new IgnorableError('meh'), { ignorableErrors: 'continue' })).to.deep.equal({
      kind: 'advance',
      release: false,
      message: 'meh',
    });
  });

  it('EM-44: lets retryable win over ignorable', () => {
    expect(thrown({ retryable: true, ignorable: true, message: 'both' }).kind).to.equal('retry');
  });

  it('holds a pool for whole milliseconds, and for none too few: what a service says may be any number', () => {
    const held = [0, 200.1, 1200.0000000002].map((ms) => thrown(new RateLimitedError(ms)));
    expect(held.map((decision) => 'delayMs' in decision && decision.delayMs)).to.deep.equal([0, 201, 1201]);
  });

  it('releases on a yield and on a stop, counting nothing', () => {
    expect(decideOn({ kind: 'yielded' })).to.deep.equal({ kind: 'release' });
    expect(decideOn({ kind: 'stopped' })).to.deep.equal({ kind: 'release' });
  });

  it('hands back what it claimed while stopping as if it had not claimed it', () => {
    expect(decideOn({ kind: 'notStarted' })).to.deep.equal({ kind: 'postpone', delayMs: 0 });
  });

  it('defers an unknown job, naming the jobs that are known, until its time is up', () => {
    const unknown: Outcome = { kind: 'unknownJob', knownJobs: ['x', 'y'], deferrals: 2, waitedMs: 5_000 };
    const deferred = decideOn(unknown);
    expect(deferred).to.deep.include({ kind: 'defer', delayMs: 4_000 });
    expect(deferred).to.have.property('message').that.includes('"b"').and.includes('x, y');
    expect(decideOn({ ...unknown, waitedMs: 3_600_000 }).kind).to.equal('fail');
    expect(decideOn(unknown, { unknownJob: 'skip' }).kind).to.equal('advance');
    expect(decideOn(unknown, { unknownJob: 'fail' }).kind).to.equal('fail');
  });

  it('fails a program whose workers died on it too often', () => {
    const decision = decideOn({ kind: 'lostTooOften', losses: 4 });
    expect(decision.kind).to.equal('fail');
    expect(decision).to.have.property('message').that.includes('Lost 4 times in a row');
  });
});

describe('an error with causes', () => {
  const because = (...causes: unknown[]) =>
    causes.reduceRight((cause, error) => Object.assign(error as object, { cause }));
  const severityOf = (error: unknown) => {
    const outcome = outcomeOfThrown(error);
    return outcome.kind === 'failed' ? outcome.severity : outcome.kind;
  };

  it('WP-48: is not repeated where a cause, however far down, is not to be repeated', () => {
    const wrapped = because(new Error('outer'), new Error('middle'), new NonRetryableError('inner'));
    expect(severityOf(wrapped)).to.equal('nonRetryable');
    expect(thrown(wrapped, { retry: ['workpool'] })).to.deep.equal({ kind: 'fail', message: 'outer' });
    expect(severityOf(because(new Error('outer'), { nonRetryable: true }))).to.equal('nonRetryable');
  });

  it('WP-48: goes by the outermost mark, as whoever caught the cause knows better', () => {
    expect(severityOf(because(new RetryableError('again'), new NonRetryableError('x')))).to.equal(
      'retryable',
    );
    expect(severityOf(because(new IgnorableError('meh'), new NonRetryableError('x')))).to.equal('ignorable');
    const handled = because(new Error('outer'), new RetryableError('again'), new NonRetryableError('x'));
    expect(severityOf(handled)).to.equal('plain');
  });

  it('is not made retryable or ignorable by a cause', () => {
    expect(severityOf(because(new Error('outer'), new RetryableError('again')))).to.equal('plain');
    expect(severityOf(because(new Error('outer'), new IgnorableError('meh')))).to.equal('plain');
  });

  it('that go in a circle, or cannot be read, is a plain one', () => {
    const circular = new Error('round');
    circular.cause = circular;
    expect(severityOf(circular)).to.equal('plain');
    const getter = Object.defineProperty(new Error('trap'), 'cause', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(severityOf(getter)).to.equal('plain');
  });
});

describe('a suspect', () => {
  it('waits for its turn for about a second, with its losses kept', () => {
    expect(decideOn({ kind: 'suspect' })).to.deep.equal({ kind: 'postpone', delayMs: 1_000 });
  });
});

describe('a decision as a transition', () => {
  const anyOutcome = fc.oneof(
    fc.constant(success),
    fc.constant<Outcome>({ kind: 'yielded' }),
    fc.constant<Outcome>({ kind: 'stopped' }),
    fc.constant<Outcome>({ kind: 'notStarted' }),
    fc.constant<Outcome>({ kind: 'suspect' }),
    fc.anything().map(outcomeOfThrown),
    fc
      .record({ retryable: fc.boolean(), ignorable: fc.boolean(), message: fc.string({ unit: 'binary' }) })
      .map(outcomeOfThrown),
    fc.nat().map((losses): Outcome => ({ kind: 'lostTooOften', losses })),
    fc.nat().map((waitedMs): Outcome => ({ kind: 'unknownJob', knownJobs: [], deferrals: 1, waitedMs })),
  );
  const anyRules = fc.record<DecisionRules>({
    retry: fc.array(
      fc.constantFrom<RetryLevels[number]>(undefined, true, false, 'tem', { maxAttempts: 2 }, { on: 'any' }),
    ),
    ignorableErrors: fc.constantFrom('end', 'continue'),
    unknownJob: fc.constantFrom('defer', 'skip', 'fail'),
    unknownJobTimeoutMs: fc.nat(),
    timeSliceUsed: fc.boolean(),
  });
  const program = (step: number, stepRetryCount: number): ClaimedProgram => ({
    ...at(step, stepRetryCount),
    id: 1,
    runId: 'r',
    programData: {},
    jobData: {},
    lostCount: 0,
    fence: 1,
    claimedBy: 'me',
    claimedAtMs: 0,
  });

  it('moves at most one step, ends at most once, and gives the claim back unless it advances', () => {
    fc.assert(
      fc.property(anyOutcome, anyRules, fc.nat(2), fc.nat(5), (outcome, rules, step, retries) => {
        const claimed = program(step, retries);
        const decision = decide(claimed, outcome, rules, 0.3);
        const change = toTransition(claimed, decision, null);
        expect(change.nextStep - step).to.be.oneOf([0, 1]);
        expect(change.release).to.equal(decision.kind !== 'advance' || decision.release);
        expect(change.end === 'finished').to.equal(decision.kind === 'finish');
        expect(change.errorMessage?.length ?? 0).to.be.at.most(255);
        expect(change.errorMessage?.isWellFormed() ?? true).to.equal(true);
        if (change.end === null && change.release) expect(change.delayMs).to.be.at.least(0);
      }),
    );
  });
});
