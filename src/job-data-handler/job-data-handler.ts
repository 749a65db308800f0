import { ExecutionTimeExceededError, LeaseLostError } from '../errors/index.js';
import type { JobDataHandler } from '../jobs/job.js';
import { monotonicMs } from '../program/monotonic-clock.js';
import type { ProgramData } from './program-data.js';

/** The data handler of one execution of one job; `close` ends it together with the execution. */
export interface ClosableJobDataHandler extends JobDataHandler {
  close(): void;
}

/** @param runId named in the error of writes that come after the execution's end */
export function createJobDataHandler(data: ProgramData, runId: string, job: string): ClosableJobDataHandler {
  const startedAtMs = monotonicMs();
  let isOpen = true;

  const whileOpen = (): void => {
    if (!isOpen) throw new LeaseLostError(runId, `this execution of job ${job} has ended`);
  };
  const merge = async (partial: object): Promise<void> => {
    whileOpen();
    await data.merge(job, partial);
  };

  return {
    get: () => Promise.resolve(data.get(job)),
    set: async (replacement) => {
      whileOpen();
      await data.replace(job, replacement);
    },
    merge,
    checkpoint: async (partial, maxExecutionTimeMs) => {
      await merge(partial);
      if (maxExecutionTimeMs && monotonicMs() - startedAtMs > maxExecutionTimeMs)
        throw new ExecutionTimeExceededError(maxExecutionTimeMs);
    },
    close: () => {
      isOpen = false;
    },
  };
}
