import { defineJob, type JobLibrary, type JobPolicy } from '../../../index.js';
import type { AtPoint } from './crash-points.js';
import { JOBS, type Actions, type JobName, type Report, type WorkerSpec } from './protocol.js';
import { perform } from './worker-actions.js';

export interface Surroundings {
  /** Resolves when the report has left this process. */
  report(report: Report): Promise<void>;
  /** Resolves when the gate is open. */
  readonly gate: Promise<void>;
  readonly at: AtPoint;
}

/** The same job under every name that this worker knows: it does what `programData` says for that name. */
export function workerJobs(
  { knows = JOBS, policies = {} }: Pick<WorkerSpec, 'knows' | 'policies'>,
  surroundings: Surroundings,
): JobLibrary {
  return Object.fromEntries(knows.map((name) => [name, workerJob(name, policies[name], surroundings)]));
}

function workerJob(name: JobName, policy: JobPolicy | undefined, { report, gate, at }: Surroundings) {
  return defineJob({
    name,
    execute: async ({ runId, programData }, data, context) => {
      at('before job');
      await report({ event: 'entered', runId, job: name, step: context.step, attempt: context.attempt });
      const action = (programData as Actions)[name];
      if (action) await perform(action, { context, data, gate });
      at('after job');
    },
    ...policy,
  });
}
