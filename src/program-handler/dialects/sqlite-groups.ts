import type { Attempt } from '../../program/program.js';
import type { Transition } from '../../program/transition.js';
import { toClaimedProgram, soonest, waitOf, type ClaimedRow, type Row } from '../rows.js';
import type { Claim, ClaimTerms, DueSearch, JobDataWrite, NewProgram } from './dialect.js';
import type { SqliteSql } from './sqlite-sql.js';
import { changing, doing, isChanged, reading, type Statement, type Statements } from './sqlite-statements.js';

/** Before all times. */
const NEVER = -1;

/** The moment of a transaction, by the database clock. */
interface Moment {
  readonly nowMs: number;
  readonly timestamp: unknown;
}

function* clock(sql: SqliteSql): Statements<Moment> {
  const [row] = yield reading(sql.clock);
  return momentOf(row);
}

function momentOf(row: Row | undefined): Moment {
  return { nowMs: Number(row?.['now_ms']), timestamp: row?.['timestamp'] };
}

/** The moment of a claim, and whether the whole queue is paused. */
function* claimClock(sql: SqliteSql): Statements<Moment & { readonly isPaused: boolean }> {
  const [row] = yield reading(sql.claimClock);
  return { ...momentOf(row), isPaused: Number(row?.['is_unpaused']) === 0 };
}

export function* insert(sql: SqliteSql, programs: readonly NewProgram[]): Statements<void> {
  const moment = yield* clock(sql);
  for (const program of programs) yield rowOf(sql, program, moment);
}

function rowOf(sql: SqliteSql, program: NewProgram, { nowMs, timestamp }: Moment): Statement {
  const { runId, isEmpty, jobs, programData, jobData, dueAt, delayMs, fence, line } = program;
  const payload = [runId, jobs, programData, jobData];
  const dueAtMs = dueAt ?? nowMs + (delayMs ?? 0);
  if (line) {
    const { lineId, batchId, options } = line;
    const values = [...payload, fence, timestamp, timestamp, dueAtMs, lineId, batchId, options];
    return doing(sql.insertLined, values);
  }
  return doing(sql.insert, [...payload, fence, dueAtMs, isEmpty ? timestamp : null, timestamp, timestamp]);
}

export function* claimRung(
  sql: SqliteSql,
  runIds: readonly string[],
  { claimedBy, leaseMs }: ClaimTerms,
): Statements<ClaimedRow[]> {
  const { nowMs, timestamp, isPaused } = yield* claimClock(sql);
  const claim = [claimedBy, claimedBy, nowMs + leaseMs, timestamp];
  const dueUntilMs = isPaused ? NEVER : nowMs;
  const claimed: ClaimedRow[] = [];
  for (const runId of runIds) {
    const values = [...claim, nowMs, runId, dueUntilMs, nowMs, claimedBy];
    for (const row of yield reading(sql.claimRung, values)) claimed.push(toClaimedProgram(row));
  }
  return claimed;
}

export function* claimDue(
  sql: SqliteSql,
  { limit, graceMs, fromMs }: DueSearch,
  { claimedBy, leaseMs }: ClaimTerms,
): Statements<ClaimedRow[]> {
  const { nowMs, timestamp, isPaused } = yield* claimClock(sql);
  if (isPaused) return [];
  const claim = [claimedBy, claimedBy, nowMs + leaseMs, timestamp];
  const due = [nowMs, fromMs, nowMs - graceMs];
  const rows = yield reading(sql.claimDue, [...claim, ...due, nowMs, claimedBy, limit]);
  return rows.map(toClaimedProgram);
}

export function* untilDue(sql: SqliteSql, graceMs: number): Statements<number | undefined> {
  const { nowMs, isPaused } = yield* claimClock(sql);
  if (isPaused) return undefined;
  const isDue = waitOf(yield reading(sql.isDue, [nowMs, nowMs - graceMs, nowMs]));
  if (isDue !== undefined) return isDue;
  const nextFree = waitOf(yield reading(sql.nextFree, [nowMs, graceMs, nowMs, nowMs]));
  return soonest(nextFree, waitOf(yield reading(sql.nextDue, [nowMs, nowMs])));
}

export function* transition(sql: SqliteSql, changes: readonly Transition[]): Statements<number[]> {
  const moment = yield* clock(sql);
  const ids: number[] = [];
  for (const change of changes) {
    if (!isChanged(yield changeOfRow(sql, change, moment))) continue;
    ids.push(change.id);
    if (change.attempt) yield attemptOf(sql, change, change.attempt, moment);
  }
  return ids;
}

export function* takeWriteLock(sql: SqliteSql): Statements<void> {
  yield doing(sql.takeWriteLock);
}

export function* saveJobData(sql: SqliteSql, writes: readonly JobDataWrite[]): Statements<number[]> {
  const { timestamp } = yield* clock(sql);
  return yield* changeHeld(sql.saveJobData, writes, ({ jobData }) => [jobData, timestamp]);
}

export function* renew(sql: SqliteSql, claims: readonly Claim[], leaseMs: number): Statements<number[]> {
  const { nowMs } = yield* clock(sql);
  return yield* changeHeld(sql.renew, claims, () => [nowMs + leaseMs]);
}

function changeOfRow(sql: SqliteSql, change: Transition, { nowMs, timestamp }: Moment): Statement {
  const { end, delayMs, release, claimedBy } = change;
  const progress = [change.nextStep, change.stepRetryCount, change.lostCount, change.errorMessage, timestamp];
  const guard = [change.id, change.fence, claimedBy, change.step];
  if (!release && end === null && delayMs === null) return changing(sql.advance, [...progress, ...guard]);
  const holder = release ? null : claimedBy;
  return changing(sql.transition, [
    end === 'finished' ? timestamp : null,
    end === 'errored' ? timestamp : null,
    delayMs === null ? null : nowMs + delayMs,
    end,
    end,
    holder,
    holder,
    ...progress,
    ...guard,
  ]);
}

function attemptOf(sql: SqliteSql, { id, step }: Transition, tried: Attempt, { nowMs }: Moment): Statement {
  const { job, attempt, outcome, worker, durationMs, error, result } = tried;
  const startedAtMs = nowMs - Math.round(durationMs);
  return doing(sql.logAttempt, [id, step, job, attempt, outcome, worker, startedAtMs, nowMs, error, result]);
}

/** @param valuesOf the values that come before those of the guard */
function* changeHeld<T extends Claim>(
  text: string,
  claims: readonly T[],
  valuesOf: (claim: T) => readonly unknown[],
): Statements<number[]> {
  const ids: number[] = [];
  for (const claim of claims) {
    const guard = [claim.id, claim.fence, claim.claimedBy];
    if (isChanged(yield changing(text, [...valuesOf(claim), ...guard]))) ids.push(claim.id);
  }
  return ids;
}
