import type { ClaimTerms, GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { CLAIM_COLUMNS, idsOf, type Row } from '../rows.js';
import { isWaiting, type LineTables } from './line-tables.js';
import { takingSlots } from './slot-row.js';
import {
  firstWaiting,
  noteFound,
  toWaiting,
  waitingSql,
  type HeadSearch,
  type WaitingProgram,
} from './waiting.js';

/** What a claim found at the heads of lines. */
export interface Heads {
  readonly heads: readonly WaitingProgram[];
  /** The rows of those that it has claimed. */
  readonly claimed: readonly Row[];
}

/** The columns of a plain claim, and one that only these have. */
const COLUMNS = [...CLAIM_COLUMNS, 'options'];
/** What of them is known of a program that cannot be claimed. */
const OF_HEAD = ['id', 'line_id'];

/** What a claim is to take, and with what. */
export interface Taking {
  /** Of each line, and how many. */
  readonly searches: readonly HeadSearch[];
  readonly terms: ClaimTerms;
  /** Whether each takes a slot. */
  readonly inSlots: boolean;
}

/** Claims the first ready programs of each line, as many as its share. */
export async function claimFirst(trx: GroupTransaction, t: LineTables, taking: Taking): Promise<Heads> {
  const { searches } = taking;
  if (searches.length === 0) return { heads: [], claimed: [] };
  const found = await (t.terms.chainsChanges ? claimAtOnce : findThenClaim)(trx, t, taking);
  noteFound(t, searches, found.heads);
  return found;
}

async function claimAtOnce(trx: GroupTransaction, t: LineTables, taking: Taking): Promise<Heads> {
  const { text, values } = claimAtOnceSql(t, taking);
  const rows = await trx.read(text, values);
  return {
    heads: rows.map(toWaiting),
    claimed: rows.filter((row) => Number(row['is_over']) === 0),
  };
}

/** What was claimed is not joined with what was chosen: the planner, which expects one row, would compare each with each. */
export function claimAtOnceSql(t: LineTables, { searches, terms, inSlots }: Taking): Fragment {
  const { nowMs } = t.terms;
  const isNumbered = inSlots && t.terms.numbersSlots;
  const chosen = waitingSql(t, searches);
  const claim = claiming(t, 'p.', terms);
  const ofClaimed = COLUMNS.map((column) => `p.${column}`);
  const ofOver = COLUMNS.map((column) => (OF_HEAD.includes(column) ? `c.${column}` : 'null'));
  const text = `
    with chosen as (${chosen.text}),
    claimed as (
      ${claim.text} from chosen c
      where p.id = c.id and p.line_id + 0 = c.line_id and c.is_over = 0 and ${canBeClaimed('p.')}
      returning ${ofClaimed.join(', ')}, p.ready_at, 0 as is_over, ${nowMs} as now_ms)
      ${inSlots ? `, taken as (${takingSlots(t, 'claimed')} ${isNumbered ? 'returning id' : ''})` : ''}
    select *, ${isNumbered ? '(select min(id) from taken)' : 'null'} as first_slot from claimed
    union all select ${ofOver.join(', ')}, c.ready_at, c.is_over, ${nowMs}, null from chosen c where c.is_over = 1`;
  return { text, values: [...chosen.values, ...claim.values] };
}

async function findThenClaim(trx: GroupTransaction, t: LineTables, taking: Taking): Promise<Heads> {
  const found = await firstWaiting(trx, t, taking.searches);
  const open = found.filter(({ isOver }) => !isOver);
  const claimed = open.length > 0 ? await claimRows(trx, t, open, taking) : [];
  const mine = new Set(idsOf(claimed));
  // What somebody else had first is no head any more: its line may have others.
  return { heads: found.filter(({ id, isOver }) => isOver || mine.has(id)), claimed };
}

async function claimRows(
  trx: GroupTransaction,
  t: LineTables,
  chosen: readonly WaitingProgram[],
  { terms, inSlots }: Taking,
): Promise<readonly Row[]> {
  const ids = chosen.map(({ id }) => id);
  const among = t.terms.among('id', ids);
  const { text, values } = claiming(t, '', terms);
  const claim: Fragment = {
    text: `${text} where ${among.text} and ${areInTheirLines(chosen)} and ${canBeClaimed('')}`,
    values: [...values, ...among.values],
  };
  const mine = heldBy(t, ids, terms);
  const columns = `${COLUMNS.join(', ')}, ${t.terms.nowMs} as now_ms`;
  const read: Fragment = { ...mine, text: `select ${columns} from ${t.programs} p ${mine.text}` };
  const rows = t.terms.hasReturning
    ? await trx.read(`${claim.text} returning ${columns}`, claim.values)
    : await runThenRead(trx, claim, read);
  if (rows.length > 0 && inSlots) await trx.run(`${takingSlots(t, t.programs)} ${mine.text}`, mine.values);
  return rows;
}

/** Asked by no index, as somebody may have moved one meanwhile. */
function areInTheirLines(chosen: readonly WaitingProgram[]): string {
  const ofLines = new Map<number, number[]>();
  for (const { id, lineId } of chosen) ofLines.set(lineId, [...(ofLines.get(lineId) ?? []), id]);
  const conditions = [...ofLines].map(
    ([lineId, ids]) => `line_id + 0 = ${lineId} and id in (${ids.join(', ')})`,
  );
  return `(${conditions.join(' or ')})`;
}

async function runThenRead(trx: GroupTransaction, change: Fragment, read: Fragment): Promise<readonly Row[]> {
  await trx.run(change.text, change.values);
  return trx.read(read.text, read.values);
}

function claiming(
  { programs, terms }: LineTables,
  program: '' | 'p.',
  { claimedBy, leaseMs }: ClaimTerms,
): Fragment {
  const text = `
    update ${programs} ${program === '' ? '' : 'p'} set
      lost_count = ${program}lost_count + case when ${program}claimed_by is null then 0 else 1 end,
      fence = ${program}fence + 1, claimed_by = ?, claimed_until = ${terms.nowMs} + ?, updated_at = ${terms.timestamp}`;
  return { text, values: [claimedBy, leaseMs] };
}

/** Somebody else may have been faster. */
function canBeClaimed(program: '' | 'p.'): string {
  return `${isWaiting(program)} and coalesce(${program}finished_at, ${program}errored_at) is null`;
}

function heldBy({ terms }: LineTables, ids: readonly number[], { claimedBy }: ClaimTerms): Fragment {
  const among = terms.among('p.id', ids);
  return { text: `where ${among.text} and p.claimed_by = ?`, values: [...among.values, claimedBy] };
}
