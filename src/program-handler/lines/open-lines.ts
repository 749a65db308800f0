import type { Line } from '../../program/line.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { forIds, type LineTables } from './line-tables.js';

/** The lines in which these programs wait are asked when they are ready. */
export async function openWaiting(
  trx: GroupTransaction,
  t: LineTables,
  programIds: readonly number[],
): Promise<void> {
  if (programIds.length === 0) return;
  const ready = forIds(t, `select line_id, min(ready_at) as ready_at from ${t.programs}`, 'id', programIds);
  const rows = await trx.read(
    `${ready.text} and ready_at is not null group by line_id order by line_id`,
    ready.values,
  );
  for (const row of rows) await openLine(trx, t, Number(row['line_id']), Number(row['ready_at']));
}

/** Never later than it was. Without a condition, so that it waits for a claim that is about to close the line. */
async function openLine(
  trx: GroupTransaction,
  { lines }: LineTables,
  id: number,
  atMs: number,
): Promise<void> {
  await trx.run(
    `update ${lines} set turn_at = case when turn_at is null or turn_at > ? then ? else turn_at end where id = ?`,
    [atMs, atMs, id],
  );
}

/**
 * Lines that were closed because their key was full. Also those that are open are written, so that this waits for a
 * claim that has counted what leaves now, and is about to close them.
 */
export async function openKeys(trx: GroupTransaction, t: LineTables, lines: readonly Line[]): Promise<void> {
  const keysOfPools = new Map<number, Set<string>>();
  for (const { poolId, key } of lines)
    if (key !== '') keysOfPools.set(poolId, (keysOfPools.get(poolId) ?? new Set()).add(key));
  for (const [poolId, keys] of [...keysOfPools].sort(([a], [b]) => a - b)) {
    const among = t.terms.amongTexts('line_key', [...keys]);
    await trx.run(
      `update ${t.lines} set turn_at = coalesce(turn_at, ${t.terms.nowMs}) where pool_id = ? and ${among.text}`,
      [poolId, ...among.values],
    );
  }
}

/** When a pool that has room may be asked: now, unless it is held. */
export function unlessHeld({ terms: { nowMs } }: LineTables): string {
  return `case when held_until > ${nowMs} then held_until else ${nowMs} end`;
}

/** Pools that may have been full. Those without limits are never, and their rows stay free of locks. */
export async function openPools(trx: GroupTransaction, t: LineTables, lines: readonly Line[]): Promise<void> {
  const ids = [...new Set(lines.map(({ poolId }) => poolId))].sort((a, b) => a - b);
  if (ids.length === 0) return;
  const { text, values } = forIds(t, `update ${t.pools} set open_at = ${unlessHeld(t)}`, 'id', ids);
  await trx.run(`${text} and (max_parallelism is not null or key_max_parallelism is not null)`, values);
}
