import { chunksOf } from '../chunks-of.js';
import type { Dialect, GroupTransaction } from '../dialects/dialect.js';
import { idsOf, type Row } from '../rows.js';
import { forIds, type LineTables } from './line-tables.js';
import { takingSlots } from './slot-row.js';

/** For so long a claim stands for the slots of its programs, in milliseconds: most have ended by then. */
const RECENT_MS = 1_000;

/** Programs in one row: a longer one would be stored apart from its table. */
const PROGRAMS_IN_ROW = 200;

/** Rows that are worked through in one transaction. */
const AT_ONCE = 100;

/** Writes down what was claimed without slots: one row for hundreds of programs. */
export async function noteClaim(
  trx: GroupTransaction,
  { recentClaims, terms }: LineTables,
  claimed: readonly Row[],
): Promise<void> {
  const rows = [...byLine(claimed)].flatMap(([lineId, programs]) =>
    [...chunksOf(programs, PROGRAMS_IN_ROW)].map((some) => [
      some[0]?.['claimed_by'],
      lineId,
      JSON.stringify(idsOf(some)),
    ]),
  );
  if (rows.length === 0) return;
  await trx.run(
    `insert into ${recentClaims} (claimed_at, claimed_by, line_id, program_ids)
     values ${rows.map(() => `(${terms.nowMs}, ?, ?, ?)`).join(', ')}`,
    rows.flat(),
  );
}

/** Gives slots to what still runs of claims that are no longer recent, but for those that somebody else is at. */
export function giveSlots(dialect: Dialect, t: LineTables): Promise<void> {
  return untilNone(dialect, (trx) => giveSlotsOf(trx, t, RECENT_MS, t.terms.skipLocked));
}

/** The same for all claims: when it resolves, whatever runs or has run from a line until now is in none of them. */
export function giveAllSlots(dialect: Dialect, t: LineTables): Promise<void> {
  return untilNone(dialect, (trx) => giveSlotsOf(trx, t, 0, t.terms.forUpdate));
}

/** @param work resolves with whether there may be more */
async function untilNone(dialect: Dialect, work: (trx: GroupTransaction) => Promise<boolean>): Promise<void> {
  let hasMore = true;
  while (hasMore) hasMore = await dialect.inTransaction(work);
}

async function giveSlotsOf(
  trx: GroupTransaction,
  t: LineTables,
  ageMs: number,
  lock: string,
): Promise<boolean> {
  const claims = await takeClaims(trx, t, ageMs, lock);
  if (claims.length === 0) return false;
  const ids = [...new Set(claims.flatMap(programIdsOf))];
  const { running, there } = await lookAt(trx, t, ids);
  if (running.length > 0) {
    await lockPrograms(trx, t, running);
    await giveSlotsTo(trx, t, running);
  }
  if (there < ids.length) await giveSlotsToGone(trx, t, claims, ids);
  return claims.length === AT_ONCE;
}

/** A slot for each of these programs that runs from a line without one. Their rows must be locked. */
export async function giveSlotsTo(
  trx: GroupTransaction,
  t: LineTables,
  programIds: readonly number[],
): Promise<void> {
  const among = t.terms.among('p.id', programIds);
  await trx.run(
    `${takingSlots(t, t.programs)} where ${among.text} and ${RUNS} ${t.terms.ignoringExisting('program_id')}`,
    among.values,
  );
}

/** When a claim is no longer recent, in epoch milliseconds; the first was made first, or just about. */
export function untilGivenSlotsSql({ recentClaims }: LineTables): string {
  return `select claimed_at + ${RECENT_MS} from ${recentClaims} order by id limit 1`;
}

/** Programs of a recent claim, by their ids. */
export function programIdsOf(claim: Row): number[] {
  return JSON.parse(String(claim['program_ids'])) as number[];
}

/** Program `p` runs from its line. What was cancelled while it ran got its slot then. */
const RUNS = 'p.ready_at is not null and p.claimed_by is not null and p.claimed_until is not null';

async function takeClaims(
  trx: GroupTransaction,
  t: LineTables,
  ageMs: number,
  lock: string,
): Promise<readonly Row[]> {
  const { recentClaims, terms } = t;
  const claims = await trx.read(
    `select * from ${recentClaims} where claimed_at <= ${terms.nowMs} - ? order by id limit ${AT_ONCE} ${lock}`,
    [ageMs],
  );
  if (claims.length === 0) return [];
  const { text, values } = forIds(t, `delete from ${recentClaims}`, 'id', idsOf(claims));
  await trx.run(text, values);
  return claims;
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

/** Whoever writes the end of one just now comes first, and it needs no slot. */
async function lockPrograms(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<void> {
  const { text, values } = forIds(t, `select id from ${t.programs}`, 'id', ids);
  await trx.read(`${text} order by id ${t.terms.forUpdate}`, values);
}

/** Rows that somebody has deleted: the sweep finds their slots without a program, and tells their batch. */
async function giveSlotsToGone(
  trx: GroupTransaction,
  t: LineTables,
  claims: readonly Row[],
  ids: readonly number[],
): Promise<void> {
  const { text, values } = forIds(t, `select id from ${t.programs}`, 'id', ids);
  const there = new Set(idsOf(await trx.read(text, values)));
  for (const claim of claims)
    for (const id of programIdsOf(claim)) if (!there.has(id)) await giveSlotToGone(trx, t, id, claim);
}

async function giveSlotToGone(
  trx: GroupTransaction,
  { slots, lines, terms }: LineTables,
  id: number,
  claim: Row,
): Promise<void> {
  await trx.run(
    `insert into ${slots} (program_id, claimed_by, line_id, pool_id, batch_id, line_key)
     select ?, ?, l.id, l.pool_id, l.batch_id, l.line_key from ${lines} l where l.id = ?
     ${terms.ignoringExisting('program_id')}`,
    [id, claim['claimed_by'], claim['line_id']],
  );
}

function byLine(claimed: readonly Row[]): Map<number, Row[]> {
  const programs = new Map<number, Row[]>();
  for (const row of claimed) {
    const lineId = Number(row['line_id']);
    const ofLine = programs.get(lineId);
    if (ofLine) ofLine.push(row);
    else programs.set(lineId, [row]);
  }
  return programs;
}
