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
export { detectConstraints } from './src/constraints/detect-constraints.js';
export type { DetectOptions } from './src/constraints/detect-options.js';
export type { DetectedConfig } from './src/constraints/detected-config.js';
export { printDetectedConfig } from './src/constraints/print-detected-config.js';
export { createErrorSimulation, type ErrorSimulation } from './src/mock-api/error-simulation.js';
export { createMockService } from './src/mock-api/create-mock-service.js';
export {
  getServerState,
  startMockServer,
  stopMockServer,
  type MockServer,
  type MockServerState,
} from './src/mock-api/mock-server.js';
export type { MockServiceCounts, MockServiceState } from './src/mock-api/mock-service.js';
export type { MockServerConfig, MockServerMode } from './src/mock-api/server-config.js';
export type { MockServiceConfig } from './src/mock-api/service-config.js';
export type { RateLimit } from './src/rate-limit/token-bucket.js';
