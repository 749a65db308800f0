import type { Line } from '../../program/line.js';
import type { ProgramOptions } from '../../program/program-options.js';
import type { ClaimTerms, GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { CLAIM_COLUMNS, parseJson, toClaimedProgram, type ClaimedRow, type Row } from '../rows.js';
import { learnJobTimeouts } from './job-timeouts.js';
import { forIds, isWaiting, type LineTables } from './line-tables.js';

/** What was claimed together. */
export interface TakenPrograms {
  readonly rows: ClaimedRow[];
  /** By the database clock, in epoch milliseconds. */
  readonly atMs: number;
}

/** Claims these programs of lines that are locked, and takes a slot for each; undefined where nobody is left. */
export async function claimPrograms(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
  lines: ReadonlyMap<number, Line>,
  terms: ClaimTerms,
): Promise<TakenPrograms | undefined> {
  const rows = await claimRows(trx, t, ids, terms);
  if (rows.length === 0) return undefined;
  await learnJobTimeouts(trx, t, lines.values());
  const expired = await expiredAmong(trx, t, rows);
  return {
    rows: rows.map((row) => toLinedProgram(row, lines, expired, t)),
    atMs: Number(rows[0]?.['now_ms']),
  };
}

/** The columns of a plain claim, and what only these have. */
function columns({ nowMs }: LineTables['terms']): string {
  return `${CLAIM_COLUMNS.join(', ')}, options, ${nowMs} as now_ms`;
}

async function claimRows(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
  terms: ClaimTerms,
): Promise<readonly Row[]> {
  const claim = claiming(t, ids, terms);
  const claimed = `${claim.text} returning ${columns(t.terms)}`;
  if (t.terms.chainsChanges) return trx.read(claimingWithSlots(t, claimed), claim.values);
  const mine = heldBy(t, ids, terms);
  const rows = t.terms.hasReturning
    ? await trx.read(claimed, claim.values)
    : await claimThenRead(trx, t, claim, mine);
  if (rows.length > 0) await trx.run(`${takingSlots(t, t.programs)} ${mine.text}`, mine.values);
  return rows;
}

async function claimThenRead(
  trx: GroupTransaction,
  { programs, terms }: LineTables,
  claim: Fragment,
  mine: Fragment,
): Promise<readonly Row[]> {
  await trx.run(claim.text, claim.values);
  return trx.read(`select ${columns(terms)} from ${programs} p ${mine.text}`, mine.values);
}

function claiming(
  { programs, terms }: LineTables,
  ids: readonly number[],
  { claimedBy, leaseMs }: ClaimTerms,
): Fragment {
  const among = terms.among('id', ids);
  const text = `
    update ${programs} set
      lost_count = lost_count + case when claimed_by is null then 0 else 1 end,
      fence = fence + 1, claimed_by = ?, claimed_until = ${terms.nowMs} + ?, updated_at = ${terms.timestamp}
    where ${among.text} and ${isWaiting('')} and coalesce(finished_at, errored_at) is null`;
  return { text, values: [claimedBy, leaseMs, ...among.values] };
}

function heldBy({ terms }: LineTables, ids: readonly number[], { claimedBy }: ClaimTerms): Fragment {
  const among = terms.among('p.id', ids);
  return { text: `where ${among.text} and p.claimed_by = ?`, values: [...among.values, claimedBy] };
}

function claimingWithSlots(t: LineTables, claimed: string): string {
  return `with claimed as (${claimed}), taken as (${takingSlots(t, 'claimed')}) select * from claimed`;
}

/** A slot for each program `p` of `claimed`. */
function takingSlots({ slots, lines }: LineTables, claimed: string): string {
  return `
    insert into ${slots} (program_id, claimed_by, line_id, pool_id, batch_id, line_key)
    select p.id, p.claimed_by, l.id, l.pool_id, l.batch_id, l.line_key
    from ${claimed} p join ${lines} l on l.id = p.line_id`;
}

function toLinedProgram(
  row: Row,
  lines: ReadonlyMap<number, Line>,
  expired: ReadonlySet<number>,
  { jobTimeouts }: LineTables,
): ClaimedRow {
  const program = toClaimedProgram(row);
  const line = lines.get(Number(row['line_id']));
  const jobTimeoutMs = jobTimeouts.get(line?.batchId ?? 0);
  return {
    ...program,
    options: optionsOf(row),
    ...(line ? { line } : {}),
    ...(expired.has(program.id) ? { isExpired: true } : {}),
    ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs }),
  };
}

function optionsOf(row: Row): ProgramOptions {
  return parseJson(row['options'], {}) as ProgramOptions;
}

/** The ids of those that are too late. What was started in time goes on, however late it has become. */
async function expiredAmong(
  trx: GroupTransaction,
  t: LineTables,
  rows: readonly Row[],
): Promise<ReadonlySet<number>> {
  const late = rows.filter((row) => isLate(row) && !isAdvanced(row)).map((row) => Number(row['id']));
  if (late.length === 0) return new Set();
  // One that only heard that a service takes no more has done nothing.
  const { text, values } = forIds(t, `select program_id from ${t.attempts}`, 'program_id', late);
  const tried = await trx.read(`${text} and outcome <> 'deferred'`, values);
  const started = new Set(tried.map((row) => Number(row['program_id'])));
  return new Set(late.filter((id) => !started.has(id)));
}

function isLate(row: Row): boolean {
  const { expiresAt } = optionsOf(row);
  return expiresAt !== undefined && expiresAt <= Number(row['now_ms']);
}

function isAdvanced(row: Row): boolean {
  return ['step', 'step_retry_count', 'lost_count'].some((column) => Number(row[column]) > 0);
}
