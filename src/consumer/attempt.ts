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
  if (job === '' || kind === null) return null;
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

function attemptOutcome(outcome: Outcome, decision: Decision): AttemptOutcome | null {
  switch (outcome.kind) {
    case 'succeeded':
    case 'yielded':
    case 'stopped':
      return outcome.kind;
    case 'failed':
      return outcomeOfFailure(outcome, decision);
    case 'unknownJob':
      if (decision.kind === 'defer') return 'deferred';
      return decision.kind === 'fail' ? 'failed' : 'skipped';
    case 'lostTooOften':
    case 'expired':
      return 'failed';
    case 'suspect':
    case 'notStarted':
    case 'wrongPool':
      return null;
  }
}

function outcomeOfFailure({ severity }: FailedOutcome, decision: Decision): AttemptOutcome {
  if (decision.kind === 'retry') return 'retried';
  if (decision.kind === 'holdPool') return 'deferred';
  return severity === 'ignorable' ? 'ignored' : 'failed';
}
