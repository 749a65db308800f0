import type { Knex } from 'knex';
import type { SqlTerms } from './dialects/sql-terms.js';
import { repeating } from './repeating.js';
import { idsOf, type Row } from './rows.js';

/** Ids that one statement takes: some databases allow a thousand in a list. */
const CHUNK = 500;

const WHAT = 'Ending leases';

/**
 * Ends the leases of a worker that has died; resolves with the `runId`s of its programs. The claimer is left
 * in, so that the next claim counts the loss. Should the worker be alive after all, it goes on until somebody
 * else claims: then the fence refuses its writes.
 */
export async function expireClaims(knex: Knex, table: string, terms: SqlTerms, workerId: string) {
  const now = knex.raw(terms.nowMs);
  const programs = () => knex<Row>(table).where(claimedBy(workerId));
  // What is claimed has been due: the index on due_at spares the walk over what is not.
  const findHeld = () =>
    programs()
      .whereNull('finished_at')
      .whereNull('errored_at')
      .where('due_at', '<=', now)
      .where('claimed_until', '>', now)
      .orderBy('id')
      .select('id', 'run_id');
  // By id alone: with more conditions, MySQL might walk, and lock, every row that is due.
  const expire = (ids: number[]) => programs().whereIn('id', ids).update({ claimed_until: now });

  // Each for itself: were both repeated, programs that the first time expired would not be found again.
  const held = await repeating(WHAT, async () => findHeld());
  const ids = idsOf(held);
  for (let from = 0; from < ids.length; from += CHUNK)
    await repeating(WHAT, async () => expire(ids.slice(from, from + CHUNK)));
  return held.map((row) => String(row['run_id']));
}

/** Not a comparison of ranges: where `:` and `-` stand in the order of letters is up to the collation. */
function claimedBy(workerId: string) {
  const pattern = `${workerId.replace(/[!%_]/g, '!$&')}:%`;
  return (query: Knex.QueryBuilder): void => void query.whereRaw(`claimed_by like ? escape '!'`, [pattern]);
}
