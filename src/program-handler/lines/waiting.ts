import { monotonicMs } from '../../program/monotonic-clock.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import { PollProgress } from '../poll-progress.js';
import type { Row } from '../rows.js';
import { isWaiting, type LineTables } from './line-tables.js';

/** Lines of which it is remembered how far they were searched. */
const MOST_REMEMBERED = 10_000;

/** A program at the head of its line. */
export interface WaitingProgram {
  readonly id: number;
  readonly lineId: number;
  /** When it was ready, in epoch milliseconds. */
  readonly dueAtMs: number;
  /** Somebody ended it by hand, so that its line does not know. */
  readonly isOver: boolean;
}

/** The first ready programs of each line, as many as its share. */
export async function firstWaiting(
  trx: GroupTransaction,
  t: LineTables,
  shares: ReadonlyMap<number, number>,
): Promise<WaitingProgram[]> {
  const { text, values } = waitingSql(t, shares);
  return (await trx.read(text, values)).map(toWaiting);
}

/** So that the next search goes on from there. */
export function noteFound(
  t: LineTables,
  shares: ReadonlyMap<number, number>,
  found: readonly WaitingProgram[],
): void {
  const ofLines = new Map<number, WaitingProgram[]>([...shares.keys()].map((lineId) => [lineId, []]));
  for (const program of found) ofLines.get(program.lineId)?.push(program);
  const nowMs = monotonicMs();
  for (const [lineId, programs] of ofLines)
    progressOf(t, lineId).found(programs, shares.get(lineId) ?? 0, nowMs);
}

export function waitingSql(t: LineTables, shares: ReadonlyMap<number, number>): Fragment {
  const nowMs = monotonicMs();
  const heads = [...shares].map(
    ([lineId, share]) => [lineId, progressOf(t, lineId).from(nowMs), share] as const,
  );
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

/** Those that run stay where they were in their line. */
function progressOf({ progress }: LineTables, lineId: number): PollProgress {
  const known = progress.get(lineId);
  if (known) return known;
  if (progress.size > MOST_REMEMBERED) progress.clear();
  const made = new PollProgress();
  progress.set(lineId, made);
  return made;
}

export function toWaiting(row: Row): WaitingProgram {
  return {
    id: Number(row['id']),
    lineId: Number(row['line_id']),
    dueAtMs: Number(row['ready_at']),
    isOver: Number(row['is_over']) === 1,
  };
}
