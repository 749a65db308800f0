import type { Check } from '../config/checks.js';
import type { WorkerOptions } from '../config/index.js';

/** What the tools for tests take of the options of a worker: they run what is due, whatever batch that is in. */
export type ToolWorkerOptions = Omit<WorkerOptions, 'batch'>;

export const areToolWorkerOptions: Check = [
  'an object of worker options, without batch',
  (value) => typeof value === 'object' && value !== null && !('batch' in value && value.batch !== undefined),
];
