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
export type { ProgramState, ProgramStatus, WaitReason } from './src/program/status.js';
export type { Batches } from './src/batches/batches.js';
export type { AddOptions, BatchListOptions, WaitOptions } from './src/batches/batch-options.js';
export type {
  Batch,
  BatchInput,
  BatchInterruption,
  BatchRef,
  BatchStats,
  BatchStatus,
} from './src/batches/batch.js';
export type { Limits, Pool, PoolLimits, Pools } from './src/pools/pools.js';
export type { RateLimit } from './src/rate-limit/token-bucket.js';
export type { InterruptionCriteria } from './src/program/interruption.js';
export type { Why, WhyCode } from './src/program/why.js';
export type { CompletionCallback, CompletionMessage } from './src/program/program-options.js';
export type { BulkOptions } from './src/program-executor.js';
export type { ProgramSource } from './src/program-creator.js';
export type {
  CancelAllOptions,
  ExecutorConfig,
  InterventionOptions,
  ListOptions,
  MigrateOptions,
  PruneOptions,
  RetentionConfig,
  RetryOptions,
  WorkerOptions,
} from './src/config/index.js';
export type { InterventionKind, InterventionView, Pruned, WorkerView } from './src/program-handler/index.js';
export type { StopOptions, Worker } from './src/consumer/index.js';
export type { ExecutorEvents, WorkerReport } from './src/telemetry/events.js';
export type { Logger } from './src/telemetry/logger.js';
