import type { Knex } from 'knex';
import { chunksOf } from './chunks-of.js';
import { claimsOf, LIKE_ESCAPED } from './claims-of.js';
import type { TableNames } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import { programIdsOf } from './lines/recent-claims.js';
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
  { programs: table, slots, recentClaims }: TableNames,
  terms: SqlTerms,
  workerId: string,
): Promise<ExpiredClaims> {
  const now = knex.raw(terms.nowMs);
  const ofWorker = (name: string) => knex<Row>(name).where(claimedBy(`${name}.claimed_by`, workerId));
  const programs = () => ofWorker(table);
  const held = () =>
    programs()
      .whereNull('finished_at')
      .whereNull('errored_at')
      .where('claimed_until', '>', now)
      .orderBy('id')
      .select('id', 'run_id');
  // What is claimed has been due: the index on due_at spares the walk over what is not.
  const findPlain = () => held().where('due_at', '<=', now);
  // Those of recent claims have their slots by now, but for what somebody else is at.
  const findRecent = async () => programIdsOf(await ofWorker(recentClaims).select<Row[]>('program_ids'));
  const findInSlots = () => held().whereIn('id', ofWorker(slots).select('program_id'));
  const findLined = async (recent: number[]) => [
    ...(recent.length > 0 ? await held().whereIn('id', recent) : []),
    ...(await findInSlots()),
  ];
  // By id alone: with more conditions, MySQL might walk, and lock, every row that is due.
  const expire = (ids: number[]) => programs().whereIn('id', ids).update({ claimed_until: now });

  // Each for itself: were both repeated, programs that the first time expired would not be found again.
  const plain = await repeating(WHAT, async () => findPlain());
  const recent = await repeating(WHAT, findRecent);
  const lined = await repeating(WHAT, async () => findLined(recent));
  const ids = [...new Set(idsOf([...plain, ...lined]))];
  for (const chunk of chunksOf(ids, CHUNK)) await repeating(WHAT, async () => expire(chunk));
  const runIds = (rows: readonly Row[]) => [...new Set(rows.map((row) => String(row['run_id'])))];
  return { plain: runIds(plain), lined: runIds(lined) };
}

function claimedBy(column: string, workerId: string) {
  return (query: Knex.QueryBuilder): void =>
    void query.whereRaw(`?? like ? ${LIKE_ESCAPED}`, [column, claimsOf(workerId)]);
}
