import { RateLimitedError } from '../errors/index.js';
import type { JobDataAccess } from '../job-data-handler/index.js';
import type { JobContext, Job } from '../jobs/index.js';
import { cloneJson } from '../program/clone-json.js';
import type { ClaimedProgram } from '../program/program.js';
import type { RunEnvironment } from './environment.js';
import type { ContextParts } from './job-context.js';
import type { JobCall } from './job-execution.js';

/** What the program's current job is called with. Its program data is a copy: no job changes what others see. */
export function createJobCall(
  job: Job,
  program: ClaimedProgram,
  results: ContextParts['results'],
  data: JobDataAccess,
  transaction: JobContext['transaction'],
  environment: Pick<RunEnvironment, 'logger' | 'createProgram'>,
): JobCall {
  const { runId, jobs, step, stepRetryCount, fence } = program;
  return {
    job,
    message: { runId, programData: cloneJson(program.programData), jobs: jobs.slice(step) },
    data,
    context: {
      attempt: stepRetryCount + 1,
      deadline: deadlineOf(job.timeoutMs ?? Infinity, program.jobTimeoutMs ?? Infinity),
      step,
      fence,
      idempotencyKey: `${runId}:${step}`,
      logger: environment.logger,
      results,
      transaction,
      createProgram: environment.createProgram,
      rateLimited,
    },
  };
}

function rateLimited(retryAfterMs: number): never {
  throw new RateLimitedError(retryAfterMs);
}

function deadlineOf(...timeoutsMs: readonly number[]): Date | undefined {
  const timeoutMs = Math.min(...timeoutsMs);
  return timeoutMs === Infinity ? undefined : new Date(Date.now() + timeoutMs);
}
