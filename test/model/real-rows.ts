import { PARKED } from '../../src/program-handler/dialects/dialect.js';
import { HOUR_MS } from './decisions.js';
import { JOBS, type Row } from './state.js';

/** Rows younger than this are left to their hints; between now and an hour ago, so that no pause matters. */
export const GRACE_MS = HOUR_MS / 2;

export const JOB_DATA = '{"a":{"n":1}}';

/** The columns of a real row that is as the model says. */
export function toColumns(row: Row, id: number): Record<string, unknown> {
  const nowMs = Date.now();
  return {
    id,
    run_id: runIdOf(id),
    jobs: JSON.stringify(JOBS),
    program_data: '{}',
    job_data: row.hasData ? JOB_DATA : '{}',
    step: row.step,
    step_retry_count: row.stepRetryCount,
    lost_count: row.lostCount,
    fence: row.fence,
    due_at: { parked: PARKED, later: nowMs + HOUR_MS, fresh: nowMs - 1_000, due: nowMs - HOUR_MS }[row.due],
    claimed_by: row.claimedBy === null ? null : String(row.claimedBy),
    claimed_until: { none: null, valid: nowMs + HOUR_MS, expired: nowMs - HOUR_MS }[row.lease],
    finished_at: row.isFinished ? new Date(nowMs) : null,
    errored_at: row.isErrored ? new Date(nowMs) : null,
  };
}

/** The model's view of a real row. */
export function toRow(columns: Readonly<Record<string, unknown>>): Row {
  const claimedBy = columns['claimed_by'];
  return {
    step: Number(columns['step']),
    stepRetryCount: Number(columns['step_retry_count']),
    lostCount: Number(columns['lost_count']),
    fence: Number(columns['fence']),
    due: dueOf(Number(columns['due_at'])),
    claimedBy: claimedBy === null ? null : Number(claimedBy),
    lease: leaseOf(columns['claimed_until']),
    isFinished: columns['finished_at'] !== null,
    isErrored: columns['errored_at'] !== null,
    hasData: JSON.stringify(columns['job_data']).includes('n'),
  };
}

export function runIdOf(id: number): string {
  return `run-${id}`;
}

function dueOf(dueAtMs: number): Row['due'] {
  const nowMs = Date.now();
  if (dueAtMs === PARKED) return 'parked';
  if (dueAtMs > nowMs) return 'later';
  return dueAtMs > nowMs - GRACE_MS ? 'fresh' : 'due';
}

function leaseOf(claimedUntil: unknown): Row['lease'] {
  if (claimedUntil === null) return 'none';
  return Number(claimedUntil) > Date.now() ? 'valid' : 'expired';
}
