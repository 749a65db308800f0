import {
  anObject,
  checkSettings,
  isBoolean,
  MAX_TIMER_MS,
  wholeNumber,
  withDefaults,
  type Check,
} from '../config/checks.js';
import { Drain, type WorkerEnvironment } from '../consumer/index.js';
import { ConfigError, ProgramExecutorError } from '../errors/index.js';
import { partsOf, type ExecutorParts } from '../executor-parts.js';
import type { JobLibrary } from '../jobs/index.js';
import type { ProgramExecutor } from '../program-executor.js';
import type { ProgramView } from '../program/program.js';
import { areToolWorkerOptions, type ToolWorkerOptions } from './worker-options.js';

export interface DrainOptions {
  /**
   * Also what is due later: retries in their back-off, programs created with `runAt` or `runAfter`, and what the
   * holds and rates of pools keep waiting. Default false.
   */
  withScheduled?: boolean;
  /** Rejects when there is still something to run after so long, in milliseconds; default 30,000. */
  timeoutMs?: number;
  /** As `processPrograms` takes them; programs run one after the other, whatever `concurrency` says. */
  workerOptions?: ToolWorkerOptions;
}

/** Where the programs that were run stand now. */
export interface DrainResult {
  finished: number;
  errored: number;
  /** They wait for their next attempt, or for a worker that knows their job. */
  waiting: number;
}

const DEFAULTS: Required<DrainOptions> = { withScheduled: false, timeoutMs: 30_000, workerOptions: {} };

const CHECKS: Readonly<Record<keyof DrainOptions, Check>> = {
  withScheduled: isBoolean,
  timeoutMs: wholeNumber(1, MAX_TIMER_MS),
  workerOptions: areToolWorkerOptions,
};

/**
 * Runs the programs in an executor's table that are due, also those that become due by it, one after the
 * other, oldest first, until none is due any more. It runs them itself: no worker is needed. Where the
 * executor has one, what that has under way is waited for, and `jobLibrary` may be left out.
 *
 * A program whose job is retried waits for its back-off, and is left at that unless `withScheduled` is set,
 * with which it is run again at once, until it ends: the times in the table come nearer by what is not waited for.
 * @throws ConfigError, ClosedError, ProgramExecutorError PE_INVALID_JOB, PE_DRAIN_TIMEOUT,
 * DatabaseUnavailableError
 */
export async function drain(
  executor: ProgramExecutor,
  jobLibrary?: JobLibrary,
  options: DrainOptions = {},
): Promise<DrainResult> {
  if (!anObject[1](options)) throw new ConfigError('options', 'expected an object');
  checkSettings(options, CHECKS, 'options.');
  const { withScheduled, timeoutMs, workerOptions } = withDefaults(DEFAULTS, options);
  const parts = partsOf(executor);
  if (!parts) throw new ConfigError('executor', 'expected an executor that ProgramExecutor.create made');
  parts.assertOpen('drain');
  const environment = environmentOf(parts, jobLibrary, workerOptions);
  await parts.programs.ensureTable();
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  const { signal } = deadline;
  const draining = new Drain({ environment, workers: [...parts.workers], withScheduled, signal });
  const runIds = await draining.run().finally(() => clearTimeout(timer));
  const programs = await Promise.all(runIds.map((runId) => parts.programs.read(runId)));
  if (signal.aborted) throw timedOut(timeoutMs, programs.at(-1));
  return countOf(programs);
}

function environmentOf(
  parts: ExecutorParts,
  jobLibrary: JobLibrary | undefined,
  workerOptions: ToolWorkerOptions,
): WorkerEnvironment {
  if (jobLibrary !== undefined) return parts.environment(jobLibrary, workerOptions);
  const worker = [...parts.workers].at(-1);
  if (worker) return parts.environment(worker.environment.library, workerOptions);
  throw new ConfigError(
    'jobLibrary',
    'expected an object of jobs, as the executor has no worker to take it from',
  );
}

function timedOut(timeoutMs: number, last: ProgramView | undefined): ProgramExecutorError {
  const job = last?.jobs[last.step];
  const where = last ? ` The last to run was job ${job} of program ${last.runId}.` : '';
  return new ProgramExecutorError(
    'PE_DRAIN_TIMEOUT',
    `drain: after ${timeoutMs} ms there is still something to run.${where} Does a job hang, or is one ` +
      `retried without limit? Give it timeoutMs or retry.maxAttempts, or give drain more time with timeoutMs`,
  );
}

function countOf(programs: readonly (ProgramView | undefined)[]): DrainResult {
  const left = programs.filter((program) => program !== undefined);
  const finished = left.filter(({ finishedAt }) => finishedAt !== null).length;
  const errored = left.filter(({ erroredAt }) => erroredAt !== null).length;
  return { finished, errored, waiting: left.length - finished - errored };
}
