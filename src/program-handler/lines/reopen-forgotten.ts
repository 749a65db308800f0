import type { GroupTransaction } from '../dialects/dialect.js';
import type { LineTables } from './line-tables.js';

/**
 * Lines and pools that were left closed: a process died between its commit and the opening of its lines, or a
 * pool's slots were deleted by hand. Those that are rightly closed are closed again by the next claim.
 */
export async function reopenForgotten(trx: GroupTransaction, t: LineTables): Promise<void> {
  const now = t.terms.nowMs;
  await trx.run(`update ${t.pools} set open_at = ${now} where open_at is null`);
  await trx.run(
    `update ${t.lines} set turn_at = ${now} where turn_at is null and exists (
       select 1 from ${t.programs} p where p.line_id = ${t.lines}.id and p.ready_at is not null)`,
  );
}
