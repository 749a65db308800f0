export type { Claim, Dialect, GroupTransaction } from './dialects/dialect.js';
export type { ClaimedRow } from './rows.js';
export type { AfterCommit } from './insert.js';
export type { PreparedProgram } from './new-program.js';
export type { DialectChoice } from './dialects/create-dialect.js';
export { checkRunId } from './create-options.js';
export { describeFault, isPermanentFault, wordsOf } from './database-faults.js';
export type { ClaimLane } from './claim-lane.js';
export { ProgramHandler, type ProgramHandlerOptions, type WriteResult } from './program-handler.js';
export type { Backlog } from './backlog-reader.js';
export type { PruneStep, PruneWalk } from './prune-walk.js';
export type { Pruned } from './pruner.js';
export { type PruneRequest, type Upkeep } from './upkeep.js';
export { HEARTBEAT_MS, type WorkerIdentity, type WorkerPulse, type WorkerView } from './worker-registry.js';
export { createRenewal, type Renew } from './renewal.js';
export { checkCallback } from './lined-input.js';
export { withOpen, type BatchRow } from './lines/batch-row.js';
export type { InterruptionRow, NewBatch } from './lines/batch-types.js';
export type {
  CancelRequest,
  Control,
  Intervention,
  InterventionKind,
  InterventionView,
} from './control/index.js';
export type { PoolState } from './lines/pool-store.js';
export type { NewLimits } from './lines/set-limits.js';
