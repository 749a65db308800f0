import { knownJobs, loadJobs } from '../../jobs/index.js';
import type { ProgramExecutor } from '../../program-executor.js';
import type { ServiceSettings } from '../settings/resolve-service.js';
import type { RunningWorker } from './run-worker.js';

/** Loads the jobs and begins to run programs; a failure on the way closes the executor. */
export async function startExecutorWorker(
  executor: ProgramExecutor,
  { jobs, workerOptions }: ServiceSettings,
): Promise<RunningWorker> {
  try {
    const library = await loadJobs(jobs);
    const worker = await executor.processPrograms(library, workerOptions);
    const stop = async (timeoutMs: number): Promise<void> => {
      await worker.stop({ timeoutMs });
      await executor.close();
    };
    return { id: worker.id, jobs: knownJobs(library), stop };
  } catch (error) {
    await executor.close();
    throw error;
  }
}
