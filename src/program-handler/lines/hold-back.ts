import type { Line } from '../../program/line.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { LineTables } from './line-tables.js';

/** Nothing of this line's key or, where it has none, of its pool starts before so many milliseconds have passed. */
export async function holdBack(trx: GroupTransaction, t: LineTables, line: Line, ms: number): Promise<void> {
  const until = `${t.terms.nowMs} + ${Math.round(ms)}`;
  if (line.key !== '') return holdKey(trx, t, line, until);
  // The pool without a name is shared by all that have none.
  if (line.pool === '') return;
  await trx.run(
    `update ${t.pools} set open_at = case when open_at is null or open_at < ${until} then ${until} else open_at end
     where id = ?`,
    [line.poolId],
  );
}

async function holdKey(
  trx: GroupTransaction,
  t: LineTables,
  { poolId, key }: Line,
  until: string,
): Promise<void> {
  await trx.run(
    `insert into ${t.meters} (pool_id, line_key) values (?, ?) ${t.terms.ignoringExisting('pool_id')}`,
    [poolId, key],
  );
  await trx.run(`update ${t.meters} set held_until = ${until} where pool_id = ? and line_key = ?`, [
    poolId,
    key,
  ]);
}
