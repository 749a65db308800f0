import type { Decision } from '../program/decide.js';
import type { FailedOutcome, Outcome } from '../program/outcome.js';
import type { Attempt, AttemptOutcome } from '../program/program.js';
import { jobOf, type StepReport } from './reporting.js';

/** The row that the attempts table keeps of a step; null when there is nothing to tell: no job was up. */
export function attemptOf(
  { program, outcome, decision, durationMs }: StepReport,
  worker: string,
): Attempt | null {
  const job = jobOf(program);
  const kind = attemptOutcome(outcome, decision);
  // What jobs it has may be just what cannot be read.
  const isJobUp = job !== '' || outcome.kind === 'unreadable';
  if (!isJobUp || kind === null) return null;
  return {
    step: program.step,
    job,
    attempt: program.stepRetryCount + 1,
    outcome: kind,
    worker,
    durationMs,
    error: outcome.kind === 'failed' ? JSON.stringify(outcome.error) : null,
    result: outcome.kind === 'succeeded' ? outcome.result : null,
  };
}

/** The outcomes that are told of in one way whatever was decided; null: no job was started. */
const OUTCOMES: Readonly<Record<Exclude<Outcome['kind'], 'failed' | 'unknownJob'>, AttemptOutcome | null>> = {
  succeeded: 'succeeded',
  yielded: 'yielded',
  stopped: 'stopped',
  lostTooOften: 'failed',
  expired: 'failed',
  unreadable: 'failed',
  suspect: null,
  notStarted: null,
  wrongPool: null,
};

function attemptOutcome(outcome: Outcome, decision: Decision): AttemptOutcome | null {
  if (outcome.kind === 'failed') return outcomeOfFailure(outcome, decision);
  return outcome.kind === 'unknownJob' ? outcomeOfUnknownJob(decision) : OUTCOMES[outcome.kind];
}

function outcomeOfUnknownJob(decision: Decision): AttemptOutcome {
  if (decision.kind === 'defer') return 'deferred';
  return decision.kind === 'fail' ? 'failed' : 'skipped';
}

function outcomeOfFailure({ severity }: FailedOutcome, decision: Decision): AttemptOutcome {
  if (decision.kind === 'retry') return 'retried';
  if (decision.kind === 'holdPool') return 'deferred';
  return severity === 'ignorable' ? 'ignored' : 'failed';
}
