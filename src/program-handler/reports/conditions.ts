import type { SqlTerms } from '../dialects/sql-terms.js';

/** What a program is doing; a report knows cancelled ones from those that failed. */
export const PROGRAM_STATUSES = ['waiting', 'running', 'finished', 'errored', 'cancelled'] as const;
export type ProgramStatus = (typeof PROGRAM_STATUSES)[number];

/** A program `p` that has not ended. */
export const UNENDED = 'p.finished_at is null and p.errored_at is null';

/** The condition on a program `p` for each status; exactly one of them holds. */
export function conditionOf(status: ProgramStatus, { nowMs }: SqlTerms): string {
  const conditions: Readonly<Record<ProgramStatus, string>> = {
    waiting: `${UNENDED} and (p.claimed_until is null or p.claimed_until <= ${nowMs})`,
    running: `${UNENDED} and p.claimed_until > ${nowMs}`,
    finished: 'p.finished_at is not null',
    errored: 'p.finished_at is null and p.errored_at is not null and p.cancelled_at is null',
    cancelled: 'p.finished_at is null and p.errored_at is not null and p.cancelled_at is not null',
  };
  return conditions[status];
}

/** The status of a program `p`, as a column. */
export function statusColumn(terms: SqlTerms): string {
  const cases = PROGRAM_STATUSES.map((status) => `when ${conditionOf(status, terms)} then '${status}'`);
  return `case ${cases.join(' ')} end`;
}
