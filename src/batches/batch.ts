import { ConfigError, readProperty } from '../errors/index.js';
import { isName } from '../program/names.js';
import { withOpen, type BatchRow, type InterruptionRow } from '../program-handler/index.js';
import type { InterruptionCriteria } from '../program/interruption.js';
import type { CompletionCallback } from '../program/program-options.js';

export type BatchStatus = BatchRow['status'];

/** What `batches.create` takes. */
export interface BatchInput {
  /** What you call it; unique in the table. */
  code: string;
  /** For lists. */
  type?: string;
  /** Any JSON object. */
  metadata?: object;
  /** When it stops by itself, over the executor's `interruption`, key by key. */
  interruption?: InterruptionCriteria;
  /** A program of this one job is created together with the end of the batch. */
  onComplete?: CompletionCallback;
}

/** A batch as it was read. */
export interface Batch {
  id: number;
  code: string;
  type: string | null;
  metadata: unknown;
  /** The criteria, those of the executor included. */
  interruption: InterruptionCriteria;
  status: BatchStatus;
  isPaused: boolean;
  createdAt: Date;
  completedAt: Date | null;
}

/** How far a batch is: always exact, and read in the same time however large it is. */
export interface BatchStats {
  total: number;
  waiting: number;
  running: number;
  finished: number;
  errored: number;
  cancelled: number;
  /** Retries so far. */
  retried: number;
}

/** Why a batch stopped, and how far it was then. */
export interface BatchInterruption {
  reason: string;
  message: string;
  stats: Omit<BatchStats, 'waiting' | 'running'>;
  createdAt: Date;
}

/** A batch, its id or its code. */
export type BatchRef = Pick<Batch, 'id'> | number | string;

/**
 * The id or code that is meant.
 * @throws ConfigError where it is neither
 */
export function keyOf(batch: BatchRef): number | string {
  // Whatever a caller without types gives.
  const given: unknown = batch;
  const key: unknown = typeof given === 'object' ? readProperty(given, 'id') : given;
  if (isId(key) || (isName(key) && key === given)) return key;
  throw new ConfigError('batch', 'expected a batch, its id or its code');
}

export function hasEnded({ status, completedAtMs }: BatchRow): boolean {
  return status === 'completed' || (status === 'cancelled' && completedAtMs !== null);
}

/** @throws ConfigError */
export function assertReason(reason: unknown): void {
  if (typeof reason !== 'string') throw new ConfigError('reason', 'expected a text');
}

export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

export function toBatch(row: BatchRow): Batch {
  return {
    id: row.id,
    code: row.code,
    type: row.type,
    metadata: row.metadata,
    interruption: row.criteria,
    status: row.status,
    isPaused: row.isPaused,
    createdAt: new Date(row.createdAtMs),
    completedAt: row.completedAtMs === null ? null : new Date(row.completedAtMs),
  };
}

export function toStats({ counts }: BatchRow, running: number): BatchStats {
  return withOpen(counts, running);
}

export function toInterruption({
  reason,
  message,
  statistics,
  createdAtMs,
}: InterruptionRow): BatchInterruption {
  return { reason, message, stats: statistics, createdAt: new Date(createdAtMs) };
}
