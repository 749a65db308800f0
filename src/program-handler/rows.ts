import type { ClaimedProgram } from '../program/program.js';
import type { RowState } from '../program/refusal.js';
import { JsonColumns } from './json-columns.js';

export { JsonColumns, parseJson } from './json-columns.js';

/** The columns a claim hands over, in every dialect. */
export const CLAIM_COLUMNS = [
  'id',
  'run_id',
  'jobs',
  'program_data',
  'job_data',
  'step',
  'step_retry_count',
  'lost_count',
  'fence',
  'claimed_by',
  'due_at',
  'line_id',
] as const;

/** A program as a claim's statement hands it over. */
export interface ClaimedRow extends Omit<ClaimedProgram, 'claimedAtMs'> {
  /** Epoch milliseconds of the database's clock. */
  readonly dueAtMs: number;
  /** The line that it belongs in; null for most. */
  readonly lineId: number | null;
}

/** A row as a driver gives it: numbers and JSON may come as text. */
export type Row = Readonly<Record<string, unknown>>;

export function toClaimedProgram(row: Row): ClaimedRow {
  const columns = new JsonColumns(row);
  const program = {
    id: Number(row['id']),
    ...programFields(row, columns),
    lostCount: Number(row['lost_count']),
    fence: Number(row['fence']),
    claimedBy: String(row['claimed_by']),
    dueAtMs: Number(row['due_at']),
    lineId: numberOrNull(row['line_id']),
  };
  return columns.fault === undefined ? program : { ...program, fault: columns.fault };
}

/** What a claim and a reader of a program both want to know. */
export function programFields(row: Row, columns = new JsonColumns(row)) {
  return {
    runId: String(row['run_id']),
    jobs: columns.texts('jobs'),
    programData: columns.object('program_data') as ClaimedProgram['programData'],
    jobData: columns.object('job_data') as ClaimedProgram['jobData'],
    step: Number(row['step']),
    stepRetryCount: Number(row['step_retry_count']),
  };
}

export function toRowState(row: Row): RowState {
  return {
    id: Number(row['id']),
    fence: Number(row['fence']),
    claimedBy: textOrNull(row['claimed_by']),
    step: Number(row['step']),
    finished: row['finished_at'] !== null,
    errored: row['errored_at'] !== null,
  };
}

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

export function numberOrNull(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

export function idsOf(rows: readonly Row[]): number[] {
  return rows.map((row) => Number(row['id']));
}

/** The `wait_ms` of a single row; undefined where there is none. */
export function waitOf(rows: readonly Row[]): number | undefined {
  const wait = rows[0]?.['wait_ms'];
  return wait === null || wait === undefined ? undefined : Number(wait);
}

/** The shorter of two waits; undefined is none. */
export function soonest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
