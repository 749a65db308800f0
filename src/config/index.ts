export {
  anObject,
  checkOptions,
  checkSettings,
  isBoolean,
  MAX_TIMER_MS,
  oneOf,
  wholeNumber,
  type Check,
} from './checks.js';
export { checkCriteria } from './interruption.js';
export {
  addressOf,
  openAddress,
  openDatabase,
  openExistingDatabase,
  type DatabaseAddress,
  type OpenDatabase,
} from './database.js';
export { closeDatabase } from './close-database.js';
export { knexConfigFromUrl, type DatabaseTarget } from './database-url.js';
export { checkConfig, type CheckedConfig, type ExecutorConfig } from './executor-config.js';
export {
  checkStopTimeout,
  checkWorkerOptions,
  type CheckedWorkerOptions,
  type WorkerOptions,
} from './worker-options.js';
export { checkMigrateOptions, type MigrateOptions } from './migrate-options.js';
export { checkPruneOptions, type PruneOptions } from './prune-options.js';
export { retentionOf, type RetentionConfig } from './retention.js';
export {
  authorOf,
  checkCancelAllOptions,
  checkInterventionOptions,
  checkListOptions,
  checkRetryOptions,
  type CancelAllOptions,
  type InterventionOptions,
  type ListOptions,
  type RetryOptions,
} from './control-options.js';
