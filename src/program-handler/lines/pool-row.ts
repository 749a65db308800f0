import { FULL_BUCKET, type BucketLevel, type RateLimit } from '../../rate-limit/token-bucket.js';
import { numberOrNull, type Row } from '../rows.js';

/** What may run at once, and be started in a window of time. */
export interface Limits {
  /** Infinity: without limit. */
  readonly maxParallelism: number;
  readonly rate: RateLimit | undefined;
}

export const NO_LIMITS: Limits = { maxParallelism: Infinity, rate: undefined };

/** A pool as its row says. */
export interface PoolRow {
  readonly id: number;
  readonly name: string;
  readonly limits: Limits;
  readonly ofKey: Limits;
  readonly level: BucketLevel;
  /** It starts nothing before, in epoch milliseconds: a job was told that the service takes no more. */
  readonly heldUntilMs: number;
}

export const POOL_COLUMNS = [
  'id',
  'name',
  'max_parallelism',
  'rate_requests',
  'rate_window_ms',
  'key_max_parallelism',
  'key_rate_requests',
  'key_rate_window_ms',
  'missing',
  'missing_at',
  'held_until',
];

export function toPoolRow(row: Row): PoolRow {
  return {
    id: Number(row['id']),
    name: String(row['name']),
    limits: limitsOf(row, ''),
    ofKey: limitsOf(row, 'key_'),
    level: toLevel(row),
    heldUntilMs: Number(row['held_until']),
  };
}

export function toLevel(row: Row): BucketLevel {
  return { missing: Number(row['missing']), atMs: Number(row['missing_at']) };
}

function limitsOf(row: Row, prefix: '' | 'key_'): Limits {
  const requests = numberOrNull(row[`${prefix}rate_requests`]);
  const windowMs = numberOrNull(row[`${prefix}rate_window_ms`]);
  return {
    maxParallelism: numberOrNull(row[`${prefix}max_parallelism`]) ?? Infinity,
    rate: requests === null || windowMs === null ? undefined : { requests, windowMs },
  };
}

export function hasLimits({ limits, ofKey }: PoolRow): boolean {
  return isLimited(limits) || isLimited(ofKey);
}

export function isLimited({ maxParallelism, rate }: Limits): boolean {
  return maxParallelism !== Infinity || rate !== undefined;
}

/** Of a key that nothing was written of yet. */
export const NEW_METER = { level: FULL_BUCKET, heldUntilMs: 0 };
