import type { Report } from './protocol.js';
import type { Scenario } from './scenario.js';
import { workerJobs } from './worker-jobs.js';

/**
 * Starts a worker in the process of the test itself, for what faults leave behind: no fault strikes it, and it costs
 * no process. Resolves with what its jobs report, which grows; it stops with its scenario.
 */
export async function startHeir({ executor, crew }: Scenario): Promise<readonly Report[]> {
  const reports: Report[] = [];
  const report = (message: Report): Promise<void> => Promise.resolve(void reports.push(message));
  const jobs = workerJobs({}, { report, gate: Promise.resolve(), at: () => undefined });
  await executor.processPrograms(jobs, crew.defaults.options);
  return reports;
}
