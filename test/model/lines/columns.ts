import { GATED } from '../../../src/program-handler/dialects/dialect.js';
import type { Row } from '../../../src/program-handler/rows.js';
import { HOUR_MS } from '../decisions.js';
import { runIdOf } from '../real-rows.js';
import type { Batch, Program, Slot, World } from './state.js';

/** The line, the pool and the batch: there is one of each. */
export const ONE = 1;
export const POOL = 'mail';
const NO_CLAIM = '';

/** The row of a program; who has waited longest comes first. */
export function programColumns(program: Program, index: number, isFirst: boolean): Row {
  const nowMs = Date.now();
  const { fence, claimedBy, isFinished, isErrored, isCancelled } = program;
  const waitedMs = isFirst ? 2 * HOUR_MS : HOUR_MS;
  const dueMs = nowMs - waitedMs;
  return {
    id: idOf(index),
    run_id: runIdOf(idOf(index)),
    jobs: '["a"]',
    program_data: '{}',
    job_data: '{}',
    step: 0,
    fence,
    line_id: ONE,
    batch_id: ONE,
    ready_at: { none: null, now: dueMs, later: nowMs + HOUR_MS }[program.ready],
    due_at: program.due === 'now' ? dueMs : GATED,
    claimed_by: claimedBy === null ? null : String(claimedBy),
    claimed_until: { none: null, valid: nowMs + HOUR_MS, expired: nowMs - HOUR_MS }[program.lease],
    finished_at: isFinished ? nowMs : null,
    errored_at: isErrored ? nowMs : null,
    cancelled_at: isCancelled ? nowMs : null,
  };
}

export function toProgram(row: Row): Program {
  const { claimed_by: claimedBy } = row;
  return {
    ready: row['ready_at'] === null ? 'none' : isPast(row['ready_at']) ? 'now' : 'later',
    due: Number(row['due_at']) === GATED ? 'gated' : 'now',
    fence: Number(row['fence']),
    claimedBy: claimedBy === null ? null : Number(claimedBy),
    lease: row['claimed_until'] === null ? 'none' : isPast(row['claimed_until']) ? 'expired' : 'valid',
    isFinished: row['finished_at'] !== null,
    isErrored: row['errored_at'] !== null,
    isCancelled: row['cancelled_at'] !== null,
  };
}

export function slotColumns({ program, claimedBy, isSettled }: Slot): Row {
  return {
    program_id: idOf(program),
    claimed_by: claimedBy === null ? NO_CLAIM : String(claimedBy),
    line_id: ONE,
    pool_id: ONE,
    batch_id: ONE,
    line_key: '',
    is_settled: isSettled ? 1 : 0,
  };
}

export function toSlot(row: Row): Slot {
  const claimedBy = row['claimed_by'];
  return {
    program: indexOf(Number(row['program_id'])),
    claimedBy: claimedBy === NO_CLAIM ? null : Number(claimedBy),
    isSettled: Number(row['is_settled']) === 1,
  };
}

export function batchColumns({ batch, programs }: World): Row {
  const { finished, errored, cancelled, isCompleted, hasCompleted } = batch;
  return {
    total: programs.length,
    finished,
    errored,
    cancelled,
    status: isCompleted ? 'completed' : 'active',
    completed_at: hasCompleted ? Date.now() : null,
  };
}

export function toBatch(row: Row): Batch {
  return {
    finished: Number(row['finished']),
    errored: Number(row['errored']),
    cancelled: Number(row['cancelled']),
    isCompleted: row['status'] === 'completed',
    hasCompleted: row['completed_at'] !== null,
  };
}

export function turnColumns({ turn }: World): Row {
  const nowMs = Date.now();
  return { turn_at: { closed: null, now: nowMs - HOUR_MS, later: nowMs + HOUR_MS }[turn] };
}

export function toTurn({ turn_at: turnAt }: Row): World['turn'] {
  if (turnAt === null) return 'closed';
  return isPast(turnAt) ? 'now' : 'later';
}

export function poolColumns({ isPoolOpen }: World): Row {
  return { open_at: isPoolOpen ? 0 : null };
}

export function toIsPoolOpen(row: Row): boolean {
  return row['open_at'] !== null;
}

export function idOf(index: number): number {
  return index + 1;
}

export function indexOf(id: number): number {
  return id - 1;
}

function isPast(moment: unknown): boolean {
  return Number(moment) <= Date.now();
}
