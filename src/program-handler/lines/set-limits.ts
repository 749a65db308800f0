import type { RateLimit } from '../../rate-limit/token-bucket.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { poolIdOf } from './find-lines.js';
import type { LineTables } from './line-tables.js';
import { unlessHeld } from './open-lines.js';
import { POOL_COLUMNS, toPoolRow, type PoolRow } from './pool-row.js';

/** Limits as somebody sets them; null is none. */
export interface NewLimits {
  readonly maxParallelism: number | null;
  readonly rate: RateLimit | null;
}

/**
 * Resolves with the pool's id. Whoever sets the same limits again, as each process may that starts, fills no bucket
 * and ends no hold; a changed rate begins with a full one.
 */
export async function setLimits(
  trx: GroupTransaction,
  t: LineTables,
  name: string,
  limits: NewLimits,
  ofKey: NewLimits,
): Promise<number> {
  const id = await poolIdOf(trx, t, name);
  const before = await lockPool(trx, t, id);
  const missing = isSameRate(before.limits.rate, limits.rate) ? before.level.missing : 0;
  await trx.run(
    `update ${t.pools} set max_parallelism = ?, rate_requests = ?, rate_window_ms = ?,
       key_max_parallelism = ?, key_rate_requests = ?, key_rate_window_ms = ?,
       missing = ?, open_at = ${unlessHeld(t)} where id = ?`,
    [...valuesOf(limits), ...valuesOf(ofKey), missing, id],
  );
  if (!isSameRate(before.ofKey.rate, ofKey.rate))
    await trx.run(`update ${t.meters} set missing = 0 where pool_id = ? and missing > 0`, [id]);
  return id;
}

async function lockPool(trx: GroupTransaction, { pools, terms }: LineTables, id: number): Promise<PoolRow> {
  const [row] = await trx.read(
    `select ${POOL_COLUMNS.join(', ')} from ${pools} where id = ? ${terms.forUpdate}`,
    [id],
  );
  return toPoolRow(row ?? {});
}

function isSameRate(before: RateLimit | undefined, after: RateLimit | null): boolean {
  return before?.requests === after?.requests && before?.windowMs === after?.windowMs;
}

function valuesOf({ maxParallelism, rate }: NewLimits): (number | null)[] {
  return [maxParallelism, rate?.requests ?? null, rate?.windowMs ?? null];
}
