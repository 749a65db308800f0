import type { CrashPoint } from '../faults/harness/crash-points.js';
import type { WorkerSpec } from '../faults/harness/protocol.js';
import type { Start } from './jobs.js';

/** What a worker process is told at its start, in JSON, by this variable. */
export const ORDERS_VARIABLE = 'PE_CHAOS_WORKER';

/** What is different with one worker. */
export interface Peculiarities {
  readonly dieAt?: CrashPoint;
  /** How far its clock is off. */
  readonly clockShiftMs?: number;
  readonly maxBlockedMs?: number;
  /** The name of a job that it does not know. */
  readonly lacks?: string;
}

export interface Orders extends Peculiarities {
  readonly config: WorkerSpec['config'];
  readonly effectsTable: string;
  readonly leaseMs: number;
  /** The database of those who work without a fence; left out: the fence stays. */
  readonly unfencedDatabase?: string;
}

/** What it is told later, about its pool of connections: destroy it, or take all that it has for so long. */
export type Command = { do: 'destroyPool' } | { do: 'exhaustPool'; forMs: number };

/** How far one is that was told to stop: `stopped` and `closed` are what has ended by then. */
export type Stage = 'stopping' | 'stopped' | 'closed';

/** What it reports; `crashed` comes from what nobody has caught. */
export type Report =
  | { event: 'ready' }
  | { event: 'leaving'; stage: Stage }
  | { event: 'refused' }
  | { event: 'connected' }
  | { event: 'crashed'; message: string }
  | ({ event: 'started' } & Start);
