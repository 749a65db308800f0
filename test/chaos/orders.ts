import type { ExecutorConfig } from '../../index.js';
import type { CrashPoint } from '../faults/harness/crash-points.js';
import type { Start } from './jobs.js';

/** What a worker process is told at its start, in JSON, by this variable. */
export const ORDERS_VARIABLE = 'PE_CHAOS_WORKER';

export interface Orders {
  readonly config: ExecutorConfig & { tableName: string };
  readonly effectsTable: string;
  readonly leaseMs: number;
  /** The database of those who work without a fence; left out: the fence stays. */
  readonly unfencedDatabase?: string;
  readonly dieAt?: CrashPoint;
  /** How far its clock is off. */
  readonly clockShiftMs: number;
}

/** What it reports. */
export type Report = { event: 'ready' } | { event: 'refused' } | ({ event: 'started' } & Start);
