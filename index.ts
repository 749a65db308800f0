export { ProgramExecutor } from './src/program-executor.js';
export { defineJob, InvalidJobInputError, loadJobs } from './src/jobs/index.js';
export * from './src/errors/index.js';
export type {
  CreateOptions,
  DefinedJob,
  Execute,
  InputOf,
  Job,
  JobClass,
  JobContext,
  JobDataHandler,
  JobLibrary,
  JobMessage,
  JobPolicy,
  ProgramInput,
  ProgramOf,
  ResultOf,
} from './src/jobs/index.js';
export type { RetrySetting } from './src/program/effective-policy.js';
export type { RetryPolicy, RetryStrategy } from './src/program/retry-policy.js';
export { retryPresets, type RetryPresetName } from './src/program/retry-presets.js';
export type { ProgramView } from './src/program/program.js';
export type { BulkOptions } from './src/program-executor.js';
export type { ProgramSource } from './src/program-creator.js';
export type { ExecutorConfig, WorkerOptions } from './src/config/index.js';
export type { StopOptions, Worker } from './src/consumer/index.js';
export type { ExecutorEvents } from './src/telemetry/events.js';
export type { Logger } from './src/telemetry/logger.js';
