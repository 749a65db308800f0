import { chunksOf } from '../chunks-of.js';
import type { Dialect, GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { idsOf, type Row } from '../rows.js';
import { claimsOf, LIKE_ESCAPED } from '../claims-of.js';
import { forIds, type LineTables } from './line-tables.js';
import { takingSlots } from './slot-row.js';

/** For so long those of other workers are left to them, in milliseconds: by then they are dead, or hard pressed. */
const OF_OTHERS_MS = 5_000;

/** Programs in one row: PostgreSQL would store a longer one apart from its table. */
const PROGRAMS_IN_ROW = 200;

/** Rows that are worked through in one transaction. */
const AT_ONCE = 100;

/** Program `p` runs from its line. What was cancelled while it ran got its slot then. */
const RUNS = 'p.ready_at is not null and p.claimed_by is not null and p.claimed_until is not null';

/** Writes down what was claimed without slots: one row for hundreds of programs. */
export async function noteClaim(
  trx: GroupTransaction,
  t: LineTables,
  claimed: readonly Row[],
): Promise<void> {
  const [first] = claimed;
  if (!first) return;
  const claimedBy = String(first['claimed_by']);
  t.ownClaims.made(claimedBy, idsOf(claimed));
  const rows = [...chunksOf(claimed, PROGRAMS_IN_ROW)].map((some) => [
    claimedBy,
    JSON.stringify(byLine(some)),
  ]);
  await trx.run(
    `insert into ${t.recentClaims} (claimed_at, claimed_by, program_ids)
     values ${rows.map(() => `(${t.terms.nowMs}, ?, ?)`).join(', ')}`,
    rows.flat(),
  );
}

/** Gives slots to what still runs of claims that are no longer recent, but for those that somebody else is at. */
export async function giveSlots(dialect: Dialect, t: LineTables): Promise<void> {
  const { nowMs, skipLocked: lock } = t.terms;
  await giveSlotsOf(dialect, t, { where: `claimed_at <= ${nowMs} - ${OF_OTHERS_MS}`, values: [], lock });
  await giveSlotsOfOwn(dialect, t, t.ownClaims.due());
  t.ownClaims.forgetRolledBack();
}

/** The same for claims of this process, also for recent ones; those whose rows it does not find are another's then. */
export async function giveOwnSlots(dialect: Dialect, t: LineTables): Promise<void> {
  const own = t.ownClaims.all();
  await giveSlotsOfOwn(dialect, t, own);
  t.ownClaims.forget(own);
}

/** The same for claims of a worker that has died. */
export async function giveSlotsOfWorker(dialect: Dialect, t: LineTables, workerId: string): Promise<void> {
  const where = `claimed_by like ? ${LIKE_ESCAPED}`;
  await giveSlotsOf(dialect, t, { where, values: [claimsOf(workerId)], lock: t.terms.skipLocked });
}

/** The same for all claims that are as old as this, in milliseconds; it waits for whoever is at one. */
export async function giveSlotsOfOld(dialect: Dialect, t: LineTables, ageMs: number): Promise<void> {
  const where = `claimed_at <= ${t.terms.nowMs} - ?`;
  // Hardly ever is there one; MySQL and MariaDB would wait for younger ones that are just being written.
  const found = await dialect.read(`select id from ${t.recentClaims} where ${where} limit 1`, [ageMs]);
  if (found.length > 0) await giveSlotsOf(dialect, t, { where, values: [ageMs], lock: t.terms.forUpdate });
}

async function giveSlotsOfOwn(dialect: Dialect, t: LineTables, own: readonly string[]): Promise<void> {
  if (own.length === 0) return;
  const { text: where, values } = t.terms.amongTexts('claimed_by', own);
  await giveSlotsOf(dialect, t, { where, values, lock: t.terms.skipLocked });
}

/** A slot for each of these programs that runs from a line without one. */
export async function giveSlotsTo(
  trx: GroupTransaction,
  t: LineTables,
  programIds: readonly number[],
): Promise<void> {
  const among = t.terms.among('p.id', programIds);
  // With a sum, so that PostgreSQL does not look for the programs of a line in the line's index.
  const running = `(select p.id, p.claimed_by, p.line_id + 0 as line_id from ${t.programs} p where ${among.text} and ${RUNS})`;
  await trx.run(
    `${takingSlots(t, running)} where 1 = 1 order by p.id ${t.terms.ignoringExisting('program_id')}`,
    among.values,
  );
}

/** When those of other workers are no longer left to them, in epoch milliseconds. */
export function untilGivenSlotsSql({ recentClaims }: LineTables): string {
  // By the primary key: most rows of the table are dead.
  return `select min(claimed_at) + ${OF_OTHERS_MS} from (select claimed_at from ${recentClaims} order by id limit ${AT_ONCE}) first`;
}

/** Programs of recent claims by their ids; of these lines alone, where they are given. */
export function programIdsOf(claims: readonly Row[], lineIds?: readonly number[]): number[] {
  const isAsked = (lineId: string) => lineIds === undefined || lineIds.includes(Number(lineId));
  return claims.flatMap((claim) =>
    Object.entries(idsByLine(claim)).flatMap(([lineId, ids]) => (isAsked(lineId) ? ids : [])),
  );
}

type IdsByLine = Readonly<Record<string, number[]>>;

function idsByLine(claim: Row): IdsByLine {
  return JSON.parse(String(claim['program_ids'])) as IdsByLine;
}

function byLine(claimed: readonly Row[]): IdsByLine {
  const ids: Record<string, number[]> = {};
  for (const row of claimed) (ids[String(row['line_id'])] ??= []).push(Number(row['id']));
  return ids;
}

/** Which claims, and how they are locked. */
type Search = { readonly where: string; readonly lock: string } & Pick<Fragment, 'values'>;

async function giveSlotsOf(dialect: Dialect, t: LineTables, search: Search): Promise<void> {
  const taken: string[] = [];
  let hasMore = true;
  while (hasMore) {
    const claims = await dialect.inTransaction((trx) => giveSlotsOfSome(trx, t, search));
    taken.push(...claims.map((claim) => String(claim['claimed_by'])));
    hasMore = claims.length === AT_ONCE;
  }
  // Not those that another worker of this process is at, or that are not committed yet.
  t.ownClaims.forget(taken);
}

async function giveSlotsOfSome(
  trx: GroupTransaction,
  t: LineTables,
  search: Search,
): Promise<readonly Row[]> {
  const claims = await takeClaims(trx, t, search);
  const ids = [...new Set(claims.flatMap((claim) => stillRunning(t, claim, programIdsOf([claim]))))];
  if (ids.length > 0) await giveSlotsAmong(trx, t, claims, ids);
  return claims;
}

function stillRunning({ ownClaims }: LineTables, claim: Row, ids: readonly number[]): number[] {
  return ownClaims.stillRunning(String(claim['claimed_by']), ids);
}

async function takeClaims(
  trx: GroupTransaction,
  t: LineTables,
  { where, values, lock }: Search,
): Promise<readonly Row[]> {
  const claims = await trx.read(
    `select * from ${t.recentClaims} where ${where} order by id limit ${AT_ONCE} ${lock}`,
    values,
  );
  if (claims.length === 0) return [];
  const remove = forIds(t, `delete from ${t.recentClaims}`, 'id', idsOf(claims));
  await trx.run(remove.text, remove.values);
  return claims;
}

/**
 * Their rows are not locked: they belong to others, who may be in a hurry. One that leaves meanwhile may get a slot
 * that it does not need; the next sweep deletes it.
 */
async function giveSlotsAmong(
  trx: GroupTransaction,
  t: LineTables,
  claims: readonly Row[],
  ids: readonly number[],
): Promise<void> {
  const { running, there } = await lookAt(trx, t, ids);
  if (running.length > 0) await giveSlotsTo(trx, t, running);
  // Looked at once more: somebody may have deleted one before it got its slot.
  const areThere = running.length === 0 || (await lookAt(trx, t, running)).there === running.length;
  if (there < ids.length || !areThere) await giveSlotsToGone(trx, t, claims);
}

/** Which of these programs run, in one pass, and how many of them there are at all. */
async function lookAt(trx: GroupTransaction, t: LineTables, ids: readonly number[]) {
  const { text, values } = forIds(
    t,
    `select case when ${RUNS} then p.id end as running, count(*) as found from ${t.programs} p`,
    'p.id',
    ids,
  );
  const rows = await trx.read(`${text} group by case when ${RUNS} then p.id end`, values);
  return {
    running: rows.filter((row) => row['running'] !== null).map((row) => Number(row['running'])),
    there: rows.reduce((sum, row) => sum + Number(row['found']), 0),
  };
}

/** Rows that somebody has deleted: the sweep finds their slots without a program, and tells their batch. */
async function giveSlotsToGone(trx: GroupTransaction, t: LineTables, claims: readonly Row[]): Promise<void> {
  const { text, values } = forIds(t, `select id from ${t.programs}`, 'id', programIdsOf(claims));
  const there = new Set(idsOf(await trx.read(text, values)));
  for (const claim of claims)
    for (const [lineId, ids] of Object.entries(idsByLine(claim)))
      for (const id of stillRunning(t, claim, ids))
        if (!there.has(id)) await giveSlotToGone(trx, t, [id, claim['claimed_by'], Number(lineId)]);
}

async function giveSlotToGone(
  trx: GroupTransaction,
  { slots, lines, terms }: LineTables,
  values: readonly unknown[],
): Promise<void> {
  await trx.run(
    `insert into ${slots} (program_id, claimed_by, line_id, pool_id, batch_id, line_key)
     select ?, ?, l.id, l.pool_id, l.batch_id, l.line_key from ${lines} l where l.id = ?
     ${terms.ignoringExisting('program_id')}`,
    values,
  );
}
