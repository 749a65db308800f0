import { checkWorkerOptions } from '../config/index.js';
import { attemptOf } from '../consumer/attempt.js';
import { StepExecution, type StepEnd } from '../consumer/step-execution.js';
import { WorkerStoppedError } from '../errors/index.js';
import { ProgramData, type JobData } from '../job-data-handler/index.js';
import type { Job, ResultOf } from '../jobs/index.js';
import { decide } from '../program/decide.js';
import type { AttemptOutcome, ClaimedProgram } from '../program/program.js';
import { toTransition } from '../program/transition.js';
import { MemoryExecutor, type CreatedProgram } from './memory-executor.js';
import { checkRunJob, PAYLOAD_LIMITS, type CheckedRunJob, type RunJobOptions } from './run-job-options.js';

/** How one attempt of one job went. */
export interface JobRun<Result = unknown> {
  /**
   * The word that the attempts table would have: 'retried' runs again after `delayMs`, 'failed' ends its
   * program, 'ignored' is an `IgnorableError`, 'yielded' gives way to others, 'stopped' was interrupted,
   * 'deferred' is rate-limited: it runs again after `delayMs`, with no attempt counted.
   */
  outcome: Exclude<AttemptOutcome, 'skipped'>;
  /** What later jobs would read in `context.results`: gone through JSON; undefined where nothing is kept. */
  result: Result | undefined;
  /** What the job threw, as it is; a `JobTimeoutError` where its `timeoutMs` was used up. */
  error: unknown;
  /** The wait before a 'retried' or 'deferred' job runs again, in milliseconds, without jitter; else undefined. */
  delayMs: number | undefined;
  /** The job's own data at the end. */
  jobData: JobData;
  /** What the job created through its context, in order. */
  createdPrograms: CreatedProgram[];
}

/** What a worker has by default. */
const RULES = { ...checkWorkerOptions({}), timeSliceUsed: false };

/** The middle of the jitter. */
const RANDOM = 0.5;

/**
 * Runs one attempt of one job in memory, with the code that workers use: `input` is checked, `timeoutMs` is
 * kept, and what the job throws is classified by its markers and its `retry`. Whatever the job does, this
 * resolves with it.
 * @throws ConfigError, InvalidProgramError, ProgramExecutorError PE_INVALID_JOB when it is called wrongly
 */
export async function runJob<J extends Job>(
  job: J,
  options: RunJobOptions<J> = {},
): Promise<JobRun<ResultOf<J>>> {
  const checked = checkRunJob(job, options as RunJobOptions);
  const program = programOf(job, checked);
  const data = new ProgramData(program.jobData, () => Promise.resolve(), PAYLOAD_LIMITS);
  const environment = new MemoryExecutor(checked);
  const plan = (end: StepEnd) => planOf(job, program, end);
  const { results } = checked;
  const execution = new StepExecution(job, { program, results: () => results, data, environment, plan });
  const end = await runUntil(checked.stop, execution);
  return {
    ...(attemptAs(end, plan(end)) as Pick<JobRun<ResultOf<J>>, 'outcome' | 'result' | 'error' | 'delayMs'>),
    jobData: data.get(job.name),
    createdPrograms: environment.createdPrograms,
  };
}

function programOf(job: Job, checked: CheckedRunJob): ClaimedProgram {
  const { runId, laterJobs, attempt, programData, jobData } = checked;
  return {
    id: 0,
    runId,
    jobs: [job.name, ...laterJobs],
    programData,
    jobData: { [job.name]: jobData },
    step: 0,
    stepRetryCount: attempt - 1,
    lostCount: 0,
    fence: 1,
    claimedBy: 'run-job',
    claimedAtMs: 0,
  };
}

function planOf(job: Job, program: ClaimedProgram, end: StepEnd) {
  const decision = decide(program, end.outcome, { ...RULES, retry: [job.retry] }, RANDOM);
  const attempt = attemptOf({ program, decision, ...end }, program.claimedBy);
  return { decision, change: toTransition(program, decision, attempt) };
}

async function runUntil(stop: AbortSignal | undefined, execution: StepExecution): Promise<StepEnd> {
  const interrupt = () => execution.interrupt(new WorkerStoppedError());
  if (stop?.aborted) interrupt();
  stop?.addEventListener('abort', interrupt, { once: true });
  const end = await execution.run();
  stop?.removeEventListener('abort', interrupt);
  // Only a lost lease abandons a step, and there is no lease.
  return end === 'abandoned' ? { outcome: { kind: 'stopped' }, durationMs: 0 } : end;
}

function attemptAs({ outcome }: StepEnd, { decision, change }: ReturnType<typeof planOf>) {
  const json = change.attempt?.result ?? null;
  return {
    outcome: change.attempt?.outcome,
    result: json === null ? undefined : (JSON.parse(json) as unknown),
    error: outcome.kind === 'failed' ? outcome.thrown : undefined,
    delayMs: decision.kind === 'retry' || decision.kind === 'holdPool' ? decision.delayMs : undefined,
  };
}
