import { monotonicMs } from '../../program/monotonic-clock.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { progressOf, type Searched } from '../poll-progress.js';
import type { Row } from '../rows.js';
import { isWaiting, type LineTables } from './line-tables.js';

/** A program at the head of its line. */
export interface WaitingProgram {
  readonly id: number;
  readonly lineId: number;
  /** When it was ready, in epoch milliseconds. */
  readonly dueAtMs: number;
  /** Somebody ended it by hand, so that its line does not know. */
  readonly isOver: boolean;
}

/** What is looked for in a line. */
export interface HeadSearch extends Searched {
  readonly lineId: number;
  /** How many programs, at most. */
  readonly share: number;
}

/** Each line of which something is to be taken, from where the last search of it ended. */
export function searchesOf(t: LineTables, shares: ReadonlyMap<number, number>): HeadSearch[] {
  const sentAtMs = monotonicMs();
  return [...shares].map(([lineId, share]) => {
    const from = progressOf(t.progress, lineId).from(sentAtMs);
    return { lineId, share, from, sentAtMs };
  });
}

/** The first ready programs of each line, as many as its share. */
export async function firstWaiting(
  trx: GroupTransaction,
  t: LineTables,
  searches: readonly HeadSearch[],
): Promise<WaitingProgram[]> {
  const { text, values } = waitingSql(t, searches);
  return (await trx.read(text, values)).map(toWaiting);
}

/** So that the next search goes on from there: those that run stay where they were in their line. */
export function noteFound(
  t: LineTables,
  searches: readonly HeadSearch[],
  found: readonly WaitingProgram[],
): void {
  const nowMs = monotonicMs();
  const ofLines = new Map<number, WaitingProgram[]>(searches.map(({ lineId }) => [lineId, []]));
  for (const program of found) ofLines.get(program.lineId)?.push(program);
  for (const search of searches)
    progressOf(t.progress, search.lineId).found(
      ofLines.get(search.lineId) ?? [],
      search.share,
      search,
      nowMs,
    );
}

export function waitingSql(t: LineTables, searches: readonly HeadSearch[]): Fragment {
  const heads = searches.map(({ lineId, from, share }) => [lineId, from, share] as const);
  return t.terms.ofEach(heads, (line, fromMs, limit) => head(t, line, fromMs, limit));
}

function head({ programs, terms }: LineTables, line: string, fromMs: string, limit: string): string {
  return `
    select p.id, p.line_id, p.ready_at,
      case when p.finished_at is null and p.errored_at is null then 0 else 1 end as is_over
    from ${programs} p
    where p.line_id = ${line} and p.ready_at >= ${fromMs} and p.ready_at <= ${terms.nowMs} and ${isWaiting('p.')}
    order by p.ready_at, p.id limit ${limit}`;
}

export function toWaiting(row: Row): WaitingProgram {
  return {
    id: Number(row['id']),
    lineId: Number(row['line_id']),
    dueAtMs: Number(row['ready_at']),
    isOver: Number(row['is_over']) === 1,
  };
}
