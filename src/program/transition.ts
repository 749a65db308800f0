import { cut } from '../errors/index.js';
import type { Decision } from './decide.js';
import type { Line } from './line.js';
import type { CompletionCallback } from './program-options.js';
import type { Attempt, ClaimedProgram } from './program.js';

/** Longest `error_message` that is kept. */
export const MAX_ERROR_MESSAGE = 255;

/**
 * A decision as the change of one row. The first four fields are its guard: it is written only while they
 * still hold and the program has not ended, so that it can be repeated without harm.
 */
export interface Transition {
  readonly id: number;
  readonly fence: number;
  readonly claimedBy: string;
  readonly step: number;

  readonly nextStep: number;
  readonly stepRetryCount: number;
  /** 0, unless nothing was tried. */
  readonly lostCount: number;
  readonly end: 'finished' | 'errored' | null;
  /** null: the earlier message stays. */
  readonly errorMessage: string | null;
  /** True: the claim ends with this change. */
  readonly release: boolean;
  /** Due this long after the change, in milliseconds; null: stays as it is. */
  readonly delayMs: number | null;
  /** null where no job was started. */
  readonly attempt: Attempt | null;
  /** What else changes, where the program gives back its place among those that run from its line. */
  readonly leaving?: Leaving;
}

/** A program that ends, or goes back to wait in its line. */
export interface Leaving {
  readonly runId: string;
  readonly line: Line;
  /** The pool that it is to wait for from now on; left out: the same. */
  readonly nextPool?: string;
  /** A counted retry. */
  readonly isRetry: boolean;
  readonly onComplete?: CompletionCallback;
  /** Nothing else of its pool, or key, starts before so many milliseconds have passed. */
  readonly holdMs?: number;
}

/** Where a program waits that so far waited in no line. */
const NO_LINE: Line = { id: 0, poolId: 0, pool: '', batchId: null, key: '', priority: 0 };

type Change = Omit<Transition, 'id' | 'fence' | 'claimedBy' | 'step' | 'attempt' | 'leaving'>;

/**
 * The change that persists a decision.
 * @param nextPool the pool that the program is to wait for from now on; left out: the same, or the one decided on
 */
export function toTransition(
  program: ClaimedProgram,
  decision: Decision,
  attempt: Attempt | null,
  nextPool = decision.kind === 'changePool' ? decision.pool : undefined,
): Transition {
  const { id, fence, claimedBy, step, line } = program;
  // The spread comes first: V8 puts a literal together slowly from where one stands in its midst.
  const change = { ...changeOf(program, decision), id, fence, claimedBy, step, attempt };
  const isLeaving = line ? change.release : decision.kind === 'changePool';
  return isLeaving ? { ...change, leaving: leavingOf(program, line ?? NO_LINE, decision, nextPool) } : change;
}

function leavingOf(
  { runId, options }: ClaimedProgram,
  line: Line,
  decision: Decision,
  nextPool: string | undefined,
): Leaving {
  const onComplete = options?.onComplete;
  return {
    runId,
    line,
    isRetry: decision.kind === 'retry',
    ...(onComplete ? { onComplete } : {}),
    ...(nextPool === undefined ? {} : { nextPool }),
    ...(decision.kind === 'holdPool' ? { holdMs: decision.delayMs } : {}),
  };
}

function changeOf({ step, stepRetryCount, lostCount }: ClaimedProgram, decision: Decision): Change {
  const errorMessage = 'message' in decision ? cut(decision.message, MAX_ERROR_MESSAGE) : null;
  const ended = { nextStep: step, lostCount: 0, errorMessage, release: true, delayMs: null };
  const waiting = { nextStep: step, lostCount: 0, end: null, errorMessage, release: true };
  switch (decision.kind) {
    case 'advance':
      return {
        nextStep: step + 1,
        stepRetryCount: 0,
        lostCount: 0,
        end: null,
        errorMessage,
        release: decision.release,
        delayMs: decision.release ? 0 : null,
      };
    case 'finish':
      return { ...ended, stepRetryCount: 0, end: 'finished' };
    case 'fail':
      return { ...ended, stepRetryCount, end: 'errored' };
    case 'retry':
      return { ...waiting, stepRetryCount: stepRetryCount + 1, delayMs: decision.delayMs };
    case 'holdPool':
    case 'defer':
      return { ...waiting, stepRetryCount, delayMs: decision.delayMs };
    case 'postpone':
      return { ...waiting, stepRetryCount, lostCount, delayMs: decision.delayMs };
    case 'changePool':
      return { ...waiting, stepRetryCount, lostCount, delayMs: 0 };
    case 'release':
      return { ...waiting, stepRetryCount, delayMs: 0 };
  }
}
