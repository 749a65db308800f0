import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { defineJob, type JobContext, type JobLibrary } from '../../../index.js';
import type { AtPoint } from './crash-points.js';
import { JOBS, type Action, type Actions, type Report } from './protocol.js';

export interface Surroundings {
  /** Resolves when the report has left this process. */
  report(report: Report): Promise<void>;
  /** Resolves when the gate is open. */
  readonly gate: Promise<void>;
  readonly at: AtPoint;
}

/** The same job under every name: it does what `programData` says for that name. */
export function workerJobs(surroundings: Surroundings): JobLibrary {
  return Object.fromEntries(JOBS.map((name) => [name, workerJob(name, surroundings)]));
}

function workerJob(name: (typeof JOBS)[number], { report, gate, at }: Surroundings) {
  return defineJob({
    name,
    execute: async ({ runId, programData }, _data, context) => {
      at('before job');
      await report({ event: 'entered', runId, job: name, step: context.step, attempt: context.attempt });
      const action = (programData as Actions)[name];
      if (action) await perform(action, context, gate);
      at('after job');
    },
  });
}

async function perform(action: Action, { signal }: JobContext, gate: Promise<void>): Promise<void> {
  switch (action.kind) {
    case 'hold':
      signal.throwIfAborted();
      await Promise.race([gate, once(signal, 'abort')]);
      signal.throwIfAborted();
      return;
    case 'holdDeaf':
      return gate;
    case 'take':
      await delay(action.ms, undefined, { signal });
      return;
    case 'block':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, action.ms);
      return;
    case 'exit':
      process.exit(1);
  }
}
