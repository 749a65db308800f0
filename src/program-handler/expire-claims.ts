import type { Knex } from 'knex';
import { chunksOf } from './chunks-of.js';
import { claimsOf, LIKE_ESCAPED } from './claims-of.js';
import type { TableNames } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import { repeating } from './repeating.js';
import { idsOf, type Row } from './rows.js';

/** Ids that one statement takes: some databases allow a thousand in a list. */
const CHUNK = 500;

const WHAT = 'Ending leases';

/** The `runId`s of programs whose leases were ended. */
export interface ExpiredClaims {
  readonly plain: readonly string[];
  /** Those that run from a line: nobody claims them by their `runId`. */
  readonly lined: readonly string[];
}

/**
 * Ends the leases of a worker that has died. The claimer is left in, so that the next claim counts the loss. Should
 * the worker be alive after all, it goes on until somebody else claims: then the fence refuses its writes.
 */
export async function expireClaims(
  knex: Knex,
  { programs: table, slots }: TableNames,
  terms: SqlTerms,
  workerId: string,
): Promise<ExpiredClaims> {
  const now = knex.raw(terms.nowMs);
  const programs = () => knex<Row>(table).where(claimedBy(`${table}.claimed_by`, workerId));
  const held = () =>
    programs()
      .whereNull('finished_at')
      .whereNull('errored_at')
      .where('claimed_until', '>', now)
      .orderBy('id')
      .select('id', 'run_id');
  // What is claimed has been due: the index on due_at spares the walk over what is not.
  const findPlain = () => held().where('due_at', '<=', now);
  const findLined = () =>
    held().whereIn(
      'id',
      knex(slots)
        .where(claimedBy(`${slots}.claimed_by`, workerId))
        .select('program_id'),
    );
  // By id alone: with more conditions, MySQL might walk, and lock, every row that is due.
  const expire = (ids: number[]) => programs().whereIn('id', ids).update({ claimed_until: now });

  // Each for itself: were both repeated, programs that the first time expired would not be found again.
  const plain = await repeating(WHAT, async () => findPlain());
  const lined = await repeating(WHAT, async () => findLined());
  const ids = idsOf([...plain, ...lined]);
  for (const chunk of chunksOf(ids, CHUNK)) await repeating(WHAT, async () => expire(chunk));
  const runIds = (rows: readonly Row[]) => rows.map((row) => String(row['run_id']));
  return { plain: runIds(plain), lined: runIds(lined) };
}

function claimedBy(column: string, workerId: string) {
  return (query: Knex.QueryBuilder): void =>
    void query.whereRaw(`?? like ? ${LIKE_ESCAPED}`, [column, claimsOf(workerId)]);
}
