import type { ClaimedProgram } from './program.js';
import type { FailedOutcome, Outcome, UnknownJobOutcome } from './outcome.js';
import { effectivePolicy, type RetryLevels } from './effective-policy.js';
import { EXPIRED } from './expired.js';
import { backOffMs, DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry-policy.js';

/** What becomes of a program after an outcome. */
export type Decision =
  /** The next job; `release` gives the program back before it, because the time slice is used up. */
  | { kind: 'advance'; release: boolean; message?: string }
  | { kind: 'finish'; message?: string }
  | { kind: 'retry'; delayMs: number; message: string }
  /** The same job later, without counting a retry. */
  | { kind: 'defer'; delayMs: number; message: string }
  /** The same job again at once, by any worker, without counting a retry. */
  | { kind: 'release' }
  /** Later, or at once, as if it had not been claimed: nothing is counted and nothing reset. */
  | { kind: 'postpone'; delayMs: number }
  /** It is to wait for a slot of another pool. */
  | { kind: 'changePool'; pool: string }
  /** The same job later, without counting a retry; nothing else of its pool, or key, starts before. */
  | { kind: 'holdPool'; delayMs: number; message: string }
  | { kind: 'fail'; message: string };

/** What the decision depends on beside the program and the outcome. */
export interface DecisionRules {
  /** What is said about retries of this job in this program, the innermost first. */
  readonly retry: RetryLevels;
  readonly ignorableErrors: 'end' | 'continue';
  readonly unknownJob: 'defer' | 'skip' | 'fail';
  readonly unknownJobTimeoutMs: number;
  readonly timeSliceUsed: boolean;
}

/** The mean wait of a suspect for its turn, in milliseconds. */
const POSTPONE_MS = 1_000;

/** How long a pool holds when the error that says so does not say for how long, in milliseconds. */
const RATE_LIMITED_MS = 1_000;

type Position = Pick<ClaimedProgram, 'jobs' | 'step' | 'stepRetryCount'>;

/**
 * Decides, and does nothing else.
 * @param random a number in [0, 1), for the jitter of back-offs
 */
export function decide(program: Position, outcome: Outcome, rules: DecisionRules, random: number): Decision {
  switch (outcome.kind) {
    case 'succeeded':
      return goOn(program, rules);
    case 'yielded':
    case 'stopped':
      return { kind: 'release' };
    case 'notStarted':
      return { kind: 'postpone', delayMs: 0 };
    case 'failed':
      return afterFailure(program, outcome, rules, random);
    case 'unknownJob':
      return afterUnknownJob(program, outcome, rules, random);
    case 'suspect':
      return { kind: 'postpone', delayMs: Math.round(POSTPONE_MS * (0.5 + random)) };
    case 'lostTooOften':
      return { kind: 'fail', message: lostTooOften(program, outcome.losses) };
    case 'wrongPool':
      return { kind: 'changePool', pool: outcome.pool };
    case 'expired':
      return { kind: 'fail', message: EXPIRED };
    case 'unreadable':
      return { kind: 'fail', message: `Its row cannot be read, correct it and resume: ${outcome.fault}` };
  }
}

function goOn(program: Position, rules: DecisionRules, message?: string): Decision {
  const note = message === undefined ? {} : { message };
  if (program.step + 1 >= program.jobs.length) return { kind: 'finish', ...note };
  return { kind: 'advance', release: rules.timeSliceUsed, ...note };
}

function afterFailure(
  program: Position,
  outcome: FailedOutcome,
  rules: DecisionRules,
  random: number,
): Decision {
  const { message } = outcome.error;
  if (outcome.severity === 'rateLimited')
    return { kind: 'holdPool', delayMs: Math.ceil(outcome.retryAfterMs ?? RATE_LIMITED_MS), message };
  const policy = effectivePolicy(...rules.retry);
  if (isWorthRepeating(outcome, policy.on)) {
    const attempt = program.stepRetryCount + 1;
    if (attempt >= policy.maxAttempts) return { kind: 'fail', message };
    const delayMs = Math.round(outcome.retryAfterMs ?? backOffMs(policy, attempt, random));
    return { kind: 'retry', delayMs, message };
  }
  if (outcome.severity === 'ignorable' && rules.ignorableErrors === 'continue')
    return goOn(program, rules, message);
  return { kind: 'fail', message };
}

function isWorthRepeating({ severity }: FailedOutcome, on: RetryPolicy['on']): boolean {
  return severity === 'retryable' || (severity === 'plain' && on === 'any');
}

function afterUnknownJob(
  program: Position,
  outcome: UnknownJobOutcome,
  rules: DecisionRules,
  random: number,
): Decision {
  const message = unknownJobMessage(program, outcome.knownJobs);
  if (rules.unknownJob === 'skip') return goOn(program, rules, message);
  if (rules.unknownJob === 'fail' || outcome.waitedMs >= rules.unknownJobTimeoutMs)
    return { kind: 'fail', message };
  return {
    kind: 'defer',
    delayMs: backOffMs(DEFAULT_RETRY_POLICY, outcome.deferrals + 1, random),
    message,
  };
}

function unknownJobMessage(program: Position, knownJobs: readonly string[]): string {
  const known = knownJobs.length > 0 ? `; it knows: ${knownJobs.join(', ')}` : '; it knows none';
  return `Unknown job "${program.jobs[program.step]}" for this worker${known}`;
}

function lostTooOften(program: Position, losses: number): string {
  return (
    `Lost ${losses} times in a row: the worker died or froze while job "${program.jobs[program.step]}" ran ` +
    `(out of memory, process.exit or a blocked event loop?)`
  );
}
