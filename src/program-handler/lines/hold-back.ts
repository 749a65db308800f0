import type { Line } from '../../program/line.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { LineTables } from './line-tables.js';
import { isLimited, POOL_COLUMNS, toPoolRow } from './pool-row.js';

/**
 * Nothing of this line's pool starts before so many milliseconds have passed; where the pool has limits by key, or
 * no name, nothing of its key. A hold is never shortened by another one.
 */
export async function holdBack(trx: GroupTransaction, t: LineTables, line: Line, ms: number): Promise<void> {
  const until = `${t.terms.nowMs} + ${Math.round(ms)}`;
  if (line.key !== '' && (line.pool === '' || (await hasLimitsByKey(trx, t, line))))
    return holdKey(trx, t, line, until);
  // The pool without a name is shared by all that have none.
  if (line.pool !== '') await holdPool(trx, t, line, until);
}

async function hasLimitsByKey(trx: GroupTransaction, t: LineTables, { poolId }: Line): Promise<boolean> {
  const [row] = await trx.read(`select ${POOL_COLUMNS.join(', ')} from ${t.pools} where id = ?`, [poolId]);
  return row !== undefined && isLimited(toPoolRow(row).ofKey);
}

async function holdPool(
  trx: GroupTransaction,
  { pools }: LineTables,
  { poolId }: Line,
  until: string,
): Promise<void> {
  // A pool that is full stays closed until something of it ends.
  await trx.run(
    `update ${pools} set open_at = case when open_at < ${until} then ${until} else open_at end,
       held_until = ${later('held_until', until)} where id = ?`,
    [poolId],
  );
}

async function holdKey(
  trx: GroupTransaction,
  { meters, terms }: LineTables,
  { poolId, key }: Line,
  until: string,
): Promise<void> {
  await trx.run(
    `insert into ${meters} (pool_id, line_key) values (?, ?) ${terms.ignoringExisting('pool_id')}`,
    [poolId, key],
  );
  await trx.run(
    `update ${meters} set held_until = ${later('held_until', until)} where pool_id = ? and line_key = ?`,
    [poolId, key],
  );
}

function later(column: string, until: string): string {
  return `case when ${column} < ${until} then ${until} else ${column} end`;
}
