import { defineJob, type JobLibrary, type JobPolicy } from '../../../index.js';
import type { AtPoint } from './crash-points.js';
import { JOBS, type Actions, type JobName, type Report, type WorkerSpec } from './protocol.js';
import { perform } from './worker-actions.js';

type Abilities = Partial<Pick<WorkerSpec, 'knows' | 'policies' | 'isGateOpen'>>;

export interface Surroundings {
  /** Resolves when the report has left this process. */
  report(report: Report): Promise<void>;
  /** Resolves when the gate is open. */
  readonly gate: Promise<void>;
  readonly at: AtPoint;
}

type Parts = Surroundings & Pick<WorkerSpec, 'isGateOpen'>;

/** The same job under every name that this worker knows: it does what `programData` says for that name. */
export function workerJobs(
  { knows = JOBS, policies = {}, isGateOpen = true }: Abilities,
  surroundings: Surroundings,
): JobLibrary {
  const parts = { ...surroundings, isGateOpen };
  return Object.fromEntries(knows.map((name) => [name, workerJob(name, policies[name], parts)]));
}

function workerJob(name: JobName, policy: JobPolicy | undefined, parts: Parts) {
  const { report, at } = parts;
  return defineJob({
    name,
    execute: async ({ runId, programData }, data, context) => {
      at('before job');
      await report({ event: 'entered', runId, job: name, step: context.step, attempt: context.attempt });
      const action = (programData as Actions)[name];
      if (action) await perform(action, { ...parts, context, data });
      at('after job');
    },
    ...policy,
  });
}
