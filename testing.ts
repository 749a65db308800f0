export { crashTest } from './src/testing/crash-test.js';
export type { CrashRun, CrashTestOptions } from './src/testing/crash-test-options.js';
export type { Boundary } from './src/testing/boundary.js';
export {
  CrashReport,
  CrashTestError,
  type CrashFailure,
  type RepeatedEffect,
} from './src/testing/crash-report.js';
export { drain, type DrainOptions, type DrainResult } from './src/testing/drain.js';
export type { EffectCount, RecordedEffect } from './src/testing/effects.js';
export type { CreatedProgram } from './src/testing/memory-executor.js';
export { recordEffect } from './src/testing/record-effect.js';
export { runJob, type JobRun } from './src/testing/run-job.js';
export type { RunJobOptions } from './src/testing/run-job-options.js';
