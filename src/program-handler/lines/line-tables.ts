import type { Line } from '../../program/line.js';
import type { TableNames } from '../dialects/dialect.js';
import type { Fragment, SqlTerms } from '../dialects/sql-terms.js';
import type { PollProgress } from '../poll-progress.js';
import { OwnClaims } from './own-claims.js';

/** What the statements over lines work with: names of tables as they stand in a text, and the database's terms. */
export type LineTables = TableNames & {
  readonly terms: SqlTerms;
  /** Lines that are known to exist, by their owners; they are never deleted. */
  readonly known: Map<string, Line>;
  /** What batches say that an attempt may take, by their ids; that never changes. Infinity: as long as it takes. */
  readonly jobTimeouts: Map<number, number>;
  /** How far the searches of this process have come in lines, by their ids. */
  readonly progress: Map<number, PollProgress>;
  /** From which slot on the running programs of a pool are counted, by the pool's id. */
  readonly counted: Map<number, PollProgress>;
  readonly ownClaims: OwnClaims;
};

/** For so long a claim stands for the slots of its programs, in milliseconds: most have ended by then. */
const RECENT_MS = 1_000;

export function lineTables(tables: TableNames, terms: SqlTerms): LineTables {
  const quoted = Object.entries(tables).map(([what, name]) => [what, terms.quote(String(name))]);
  return {
    ...(Object.fromEntries(quoted) as unknown as TableNames),
    terms,
    known: new Map(),
    jobTimeouts: new Map(),
    progress: new Map(),
    counted: new Map(),
    ownClaims: new OwnClaims(RECENT_MS),
  };
}

/** A statement for the rows whose `column` is one of `ids`, of which there must be one. */
export function forIds(
  { terms }: LineTables,
  text: string,
  column: string,
  ids: readonly number[],
): Fragment {
  const among = terms.among(column, ids);
  return { text: `${text} where ${among.text}`, values: among.values };
}

/**
 * That a program waits in its line. While it runs it keeps its place in the line's index, with a lease: so a claim
 * changes nothing that is in an index, and PostgreSQL need not write all of them anew.
 */
export function isWaiting(program: '' | 'p.'): string {
  return `${program}ready_at is not null and ${program}claimed_until is null`;
}

/** So many question marks. */
export function marks(count: number): string {
  return Array(count).fill('?').join(', ');
}

/** That programs of a batch may be started. */
export const IS_ACTIVE = `status = 'active' and is_paused = 0`;

/** That a batch's programs may be started: of line `l`, or of no batch. */
export function isOfActiveBatch({ batches }: LineTables): string {
  return `(l.batch_id = 0 or exists (
    select 1 from ${batches} b where b.id = l.batch_id and ${IS_ACTIVE}))`;
}

/**
 * Lines `l` of a pool and a priority. Those of one batch are found by their batch, so that it does not matter how
 * many lines of others come before them: the planner is left no other index.
 */
export function ofLevel(poolId: string, priority: string, batchId: number | undefined): string {
  if (batchId === undefined) return `l.pool_id = ${poolId} and l.priority = ${priority}`;
  return `l.batch_id = ${batchId} and l.pool_id + 0 = ${poolId} and l.priority + 0 = ${priority}`;
}

/** That the whole queue is not paused. */
export function isRunning({ pools }: LineTables): string {
  return `not exists (select 1 from ${pools} q where q.name = '' and q.is_paused = 1)`;
}

/**
 * Of a batch that gets programs, or gets some back: one that had completed is active, and its criteria count from now,
 * as after a resume. It comes before what changes the counts, and the status is the last of it, as MySQL heeds the order.
 * @param errored how many of its programs are errored then
 */
export function reactivating({ terms: { nowMs } }: LineTables, errored = 'errored'): string {
  const anew = (column: string, value: string, when = `status = 'completed'`) =>
    `${column} = case when ${when} then ${value} else ${column} end`;
  return [
    // An error that counts no more makes no room for another.
    anew('errored_before', errored, `status = 'completed' or errored_before > ${errored}`),
    ...['consecutive_errors', 'rate_limit_hits', 'server_errors'].map((streak) => anew(streak, '0')),
    anew('resumed_at', nowMs),
    anew('status', `'active'`),
  ].join(', ');
}
