import { ExecutionTimeExceededError, RetryableError } from '../../src/errors/index.js';
import { decide, type Decision, type DecisionRules } from '../../src/program/decide.js';
import { isLostTooOften, isSuspect } from '../../src/program/losses.js';
import { outcomeOfThrown, type Outcome } from '../../src/program/outcome.js';
import { JOBS, type Held } from './state.js';

/** Stands for any delay: what is not due now. */
export const HOUR_MS = 3_600_000;

/** Every decision there is, by a name that a state can hold. Their delays and messages change nothing here. */
const DECISIONS = {
  advance: { kind: 'advance', release: false },
  advanceAndRelease: { kind: 'advance', release: true },
  finish: { kind: 'finish' },
  retry: { kind: 'retry', delayMs: HOUR_MS, message: '' },
  defer: { kind: 'defer', delayMs: HOUR_MS, message: '' },
  release: { kind: 'release' },
  handBack: { kind: 'postpone', delayMs: 0 },
  postpone: { kind: 'postpone', delayMs: HOUR_MS },
  fail: { kind: 'fail', message: '' },
} satisfies Record<string, Decision>;

export type DecisionName = keyof typeof DECISIONS;

export const DECISION_NAMES = Object.keys(DECISIONS) as DecisionName[];

export function decisionOf(name: DecisionName): Decision {
  return DECISIONS[name];
}

/** One of the ways in which a run's turn with a step may end. */
export interface Ending {
  readonly title: string;
  readonly decision: DecisionName;
  /** Nothing goes wrong. */
  readonly isGood: boolean;
}

type Position = Pick<Held, 'step' | 'stepRetryCount' | 'lostCount'>;

/** All endings that are possible from here, decided by the code under test. */
export function endingsOf(held: Held): readonly Ending[] {
  const key = held.step * 100 + held.stepRetryCount * 10 + held.lostCount;
  return (known[key] ??= enumerate(held));
}

const known: (readonly Ending[])[] = [];

function enumerate(position: Position): readonly Ending[] {
  const endings = outcomesOf(position).map(([title, outcome, timeSliceUsed]) => ({
    title,
    decision: nameOf(decide({ jobs: JOBS, ...position }, outcome, { ...RULES, timeSliceUsed }, 0.5)),
    isGood: outcome.kind === 'succeeded' || outcome.kind === 'lostTooOften',
  }));
  return endings.filter(
    ({ decision }, index) => endings.findIndex((ending) => ending.decision === decision) === index,
  );
}

/** One retry is allowed, so that both a retry and the last attempt are met. */
const RULES: DecisionRules = {
  retry: [{ maxAttempts: 2 }],
  ignorableErrors: 'end',
  unknownJob: 'defer',
  unknownJobTimeoutMs: HOUR_MS,
  timeSliceUsed: false,
};

type PossibleOutcome = [title: string, outcome: Outcome, timeSliceUsed: boolean];

function outcomesOf({ lostCount }: Position): PossibleOutcome[] {
  if (isLostTooOften(lostCount))
    return [
      ['finds it lost too often', { kind: 'lostTooOften', losses: lostCount }, false],
      ['stops before its job', { kind: 'notStarted' }, false],
    ];
  const suspect: PossibleOutcome = ['runs another suspect', { kind: 'suspect' }, false];
  return isSuspect(lostCount) ? [...ANY_OUTCOME, suspect] : ANY_OUTCOME;
}

const UNKNOWN = { kind: 'unknownJob', knownJobs: [], deferrals: 0 } as const;
const ANY_OUTCOME: PossibleOutcome[] = [
  ['ends its job', { kind: 'succeeded', result: null }, false],
  ['ends its job and its time slice', { kind: 'succeeded', result: null }, true],
  ['its job asks for a retry', outcomeOfThrown(new RetryableError('')), false],
  ['its job throws', outcomeOfThrown(new Error('')), false],
  ['its job yields', outcomeOfThrown(new ExecutionTimeExceededError(1)), false],
  ['stops', { kind: 'stopped' }, false],
  ['stops before its job', { kind: 'notStarted' }, false],
  ['does not know the job', { ...UNKNOWN, waitedMs: 0 }, false],
  ['does not know the job, for too long', { ...UNKNOWN, waitedMs: HOUR_MS }, false],
];

function nameOf(decision: Decision): DecisionName {
  if (decision.kind === 'postpone' && decision.delayMs === 0) return 'handBack';
  const name = decision.kind === 'advance' && decision.release ? 'advanceAndRelease' : decision.kind;
  // The others are for programs that wait in lines, which the model leaves out.
  return name as DecisionName;
}
