export type { Claim, Dialect } from './dialects/dialect.js';
export type { AfterCommit } from './insert.js';
export type { PreparedProgram } from './new-program.js';
export type { DialectChoice } from './dialects/create-dialect.js';
export { checkRunId } from './create-options.js';
export { describeFault } from './database-faults.js';
export type { ClaimLane } from './claim-lane.js';
export { ProgramHandler, type ProgramHandlerOptions, type WriteResult } from './program-handler.js';
export { createRenewal, type Renew } from './renewal.js';
