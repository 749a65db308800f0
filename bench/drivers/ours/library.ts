import { defineJob, RetryableError, type JobLibrary } from '../../../index.js';
import type { Hooks } from '../driver.js';

/** What only runs beside the programs that are counted. */
export const BESIDE = 'checkpoint';

const HUNDRED_KILOBYTES = 'x'.repeat(100 * 1024);
const FAR_AWAY_MS = 3_600_000;

/** Workload W is `first`, `second`, `third`; the others are for scenarios that are about them. */
export function createLibrary(hooks: Hooks): JobLibrary {
  return {
    first: defineJob({
      name: 'first',
      execute: ({ programData }) => {
        hooks.jobStarted(programData);
      },
    }),
    second: defineJob({ name: 'second', execute: doNothing }),
    third: defineJob({ name: 'third', execute: doNothing }),
    checkpoint: defineJob({
      name: 'checkpoint',
      execute: (_message, jobData) => jobData.set({ bytes: HUNDRED_KILOBYTES }),
    }),
    backOff: defineJob({ name: 'backOff', execute: backOff }),
  };
}

function doNothing(): void {
  // What is measured is everything around the job.
}

function backOff(): never {
  throw new RetryableError('not yet', 503, { retryAfterMs: FAR_AWAY_MS });
}
