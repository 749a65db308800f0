import { ProgramExecutorError, toError, toErrorRecord, type ErrorCode } from '../errors/index.js';
import type { Decision } from '../program/decide.js';
import type { Outcome } from '../program/outcome.js';
import type { ClaimedProgram } from '../program/program.js';
import { MAX_ERROR_MESSAGE } from '../program/transition.js';
import { logEachTime } from '../telemetry/logger.js';
import type { RunEnvironment } from './environment.js';

/** What one execution came to. */
export interface StepReport {
  readonly program: ClaimedProgram;
  readonly outcome: Outcome;
  readonly decision: Decision;
  readonly durationMs: number;
}

type Reporter = Pick<RunEnvironment, 'emit' | 'logger' | 'queueName'>;
type CountingReporter = Reporter & Pick<RunEnvironment, 'counts'>;

export function jobOf({ jobs, step }: ClaimedProgram): string {
  return jobs[step] ?? '';
}

export function jobEvent(program: ClaimedProgram) {
  const { runId, step } = program;
  return { runId, job: jobOf(program), step, attempt: attemptOf(program) };
}

function attemptOf({ stepRetryCount }: ClaimedProgram): number {
  return stepRetryCount + 1;
}

/** The log fields of the older library, without the program's data. */
export function logFields(program: ClaimedProgram) {
  const { runId, jobs, step } = program;
  return { executor: { current_job: jobOf(program), jobs: jobs.slice(step), run_id: runId } };
}

/** Tells listeners and the log that a job is about to run. */
export function reportStart(program: ClaimedProgram, { emit, logger }: Reporter): void {
  logEachTime(logger, 'executing-job', () => logFields(program));
  emit('jobStarted', () => jobEvent(program));
}

/** Counts a step whose transition is recorded, and tells listeners and the log of it. */
export function reportStep(report: StepReport, reporter: CountingReporter): void {
  const { program, outcome, decision } = report;
  reporter.counts.recorded(decision);
  if (outcome.kind === 'succeeded') reportSuccess(report, reporter);
  else if (outcome.kind === 'failed') reportFailure(report, outcome.thrown, reporter);
  else if (decision.kind === 'fail')
    reportFailure(report, new ProgramExecutorError(codeOf(outcome), decision.message), reporter);
  else if (outcome.kind === 'unknownJob') reportUnknownJob(program, decision, reporter);
  if (decision.kind === 'finish')
    reporter.emit('programFinished', () => ({ runId: program.runId, jobs: program.jobs }));
}

/** Of a program that failed without a job having thrown. */
function codeOf({ kind }: Outcome): ErrorCode {
  if (kind === 'unknownJob') return 'PE_UNKNOWN_JOB';
  if (kind === 'expired') return 'PE_EXPIRED';
  return kind === 'unreadable' ? 'PE_UNREADABLE_ROW' : 'PE_LOST_TOO_OFTEN';
}

function reportSuccess({ program, durationMs }: StepReport, { emit, logger }: Reporter): void {
  logEachTime(logger, 'job-finished', () => ({
    ...logFields(program),
    attempt: attemptOf(program),
    duration_ms: Math.round(durationMs),
  }));
  emit('jobFinished', () => ({ ...jobEvent(program), durationMs }));
}

function reportUnknownJob(program: ClaimedProgram, decision: Decision, { logger }: Reporter): void {
  const action = decision.kind === 'defer' ? 'job-deferred' : 'job-skipped';
  logger.warn(action, {
    ...logFields(program),
    ...('message' in decision ? { error_message: decision.message } : {}),
  });
}

function reportFailure(report: StepReport, thrown: unknown, reporter: Reporter): void {
  const { program, outcome, decision } = report;
  const error = toError(thrown, MAX_ERROR_MESSAGE);
  if (decision.kind === 'retry') {
    reporter.logger.warn('Consumer error retry', {
      ...errorFields(program, thrown, reporter),
      delay_ms: decision.delayMs,
    });
    reporter.emit('jobRetried', () => ({ ...jobEvent(program), delayMs: decision.delayMs, error }));
  } else if (decision.kind === 'holdPool') {
    reporter.logger.info('rate-limited', { ...logFields(program), delay_ms: decision.delayMs });
  } else if (outcome.kind === 'failed' && outcome.severity === 'ignorable') {
    reporter.logger.info('error-ignored', logFields(program));
  } else {
    reporter.logger.error('Consumer error finish', errorFields(program, thrown, reporter));
  }
  const { runId, jobs, step, programData } = program;
  reporter.emit('programError', () => ({
    message: { runId, jobs: jobs.slice(step), programData },
    error,
  }));
}

function errorFields(program: ClaimedProgram, thrown: unknown, { queueName }: Reporter) {
  const { message, stack } = toErrorRecord(thrown);
  return {
    name: `program-executor-${queueName}-consumer`,
    error_message: message,
    error_stack: stack,
    attempt: attemptOf(program),
    content: { runId: program.runId, jobs: program.jobs.slice(program.step) },
  };
}
