import type { GroupTransaction } from '../dialects/dialect.js';
import { isWaiting, type LineTables } from './line-tables.js';
import { unlessHeld } from './open-lines.js';

/**
 * Lines and pools that were left closed: a process died between its commit and the opening of its lines, or a
 * pool's slots were deleted by hand. Those that are rightly closed are closed again by the next claim.
 */
export async function reopenForgotten(trx: GroupTransaction, t: LineTables): Promise<void> {
  const now = t.terms.nowMs;
  await trx.run(`update ${t.pools} set open_at = ${unlessHeld(t)} where open_at is null`);
  await trx.run(`update ${t.lines} set turn_at = ${now} where turn_at is null and ${hasWaiting(t)}`);
}

/** The lines of a pool that has more room than before, or is held no longer. */
export async function reopenLinesOf(trx: GroupTransaction, t: LineTables, poolId: number): Promise<void> {
  const now = t.terms.nowMs;
  await trx.run(
    `update ${t.lines} set turn_at = ${now}
     where pool_id = ? and (turn_at is null or turn_at > ${now}) and ${hasWaiting(t)}`,
    [poolId],
  );
}

function hasWaiting({ programs, lines }: LineTables): string {
  return `exists (select 1 from ${programs} p where p.line_id = ${lines}.id and ${isWaiting('p.')})`;
}
