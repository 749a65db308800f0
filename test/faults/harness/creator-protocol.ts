import type { ProgramInput } from '../../../index.js';
import type { CrashPoint } from './crash-points.js';
import type { WorkerSpec } from './protocol.js';

/** The variable that tells a creator process, in JSON, what it is. */
export const CREATOR_VARIABLE = 'PE_FAULTS_CREATOR';

/** What a creator process is told; plain data. */
export interface CreatorSpec {
  config: WorkerSpec['config'];
  /** One program for each, or left out: two at once that get theirs from the executor. */
  runId?: string;
  /** Left out: one of all jobs that every worker process knows. */
  program?: ProgramInput;
  /** Where it dies; before the commit means that of a transaction of its own. */
  dieAt: CrashPoint | 'before commit';
}
