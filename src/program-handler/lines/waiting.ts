import type { GroupTransaction } from '../dialects/dialect.js';
import type { Fragment } from '../dialects/sql-terms.js';
import type { Row } from '../rows.js';
import type { LineTables } from './line-tables.js';

/** A program at the head of its line. */
export interface WaitingProgram {
  readonly id: number;
  readonly lineId: number;
  /** Somebody ended it by hand, so that its line does not know. */
  readonly isOver: boolean;
}

/** The first ready programs of each line, as many as its share. */
export async function firstWaiting(
  trx: GroupTransaction,
  t: LineTables,
  shares: ReadonlyMap<number, number>,
): Promise<WaitingProgram[]> {
  if (shares.size === 0) return [];
  const { text, values } = waitingSql(t, shares);
  return (await trx.read(text, values)).map(toWaiting);
}

export function waitingSql(t: LineTables, shares: ReadonlyMap<number, number>): Fragment {
  return t.terms.ofEach([...shares], (line, limit) => head(t, line, limit));
}

function head({ programs, terms }: LineTables, line: string, limit: string): string {
  return `
    select p.id, p.line_id, case when p.finished_at is null and p.errored_at is null then 0 else 1 end as is_over
    from ${programs} p where p.line_id = ${line} and p.ready_at <= ${terms.nowMs}
    order by p.ready_at, p.id limit ${limit}`;
}

function toWaiting(row: Row): WaitingProgram {
  return { id: Number(row['id']), lineId: Number(row['line_id']), isOver: Number(row['is_over']) === 1 };
}
