import type { Attempt } from '../../program/program.js';
import type { Transition } from '../../program/transition.js';
import type { Claim, JobDataWrite, NewProgram } from './dialect.js';

/**
 * A group of rows travels as one JSON parameter, each row as an array: the server looks for a field by its
 * place much faster than by its name. Each encoder stands beside the fields that it writes, in their order.
 */

const TEXT = 'character set utf8mb4';
const JOB_NAME = `varchar(255) ${TEXT}`;
/** Told apart to the last bit, as tokens and ids are; it is also what the column of run_id has. */
const TOKEN = `varchar(255) ${TEXT} collate utf8mb4_bin`;

const CLAIM_FIELDS = { id: 'bigint', fence: 'bigint', holder: TOKEN };

/** Derived tables `i`, one row for each row of the JSON parameter. */
export const INPUT = {
  ids: rowsOf('id bigint', '$'),
  runIds: rowsOf(`run_id ${TOKEN}`, '$'),
  claims: rowsOfArrays(CLAIM_FIELDS),
  jobData: rowsOfArrays({ ...CLAIM_FIELDS, data: 'json' }),
  programs: rowsOfArrays({
    run_id: TOKEN,
    jobs: 'json',
    program_data: 'json',
    job_data: 'json',
    fence: 'int',
    due_at: 'bigint',
    delay_ms: 'bigint',
    finished: 'int',
    line_id: 'bigint',
    batch_id: 'bigint',
    options: `longtext ${TEXT}`,
  }),
  transitions: rowsOfArrays({
    ...CLAIM_FIELDS,
    step: 'int',
    next_step: 'int',
    retries: 'int',
    lost_count: 'int',
    released: 'int',
    delay_ms: 'bigint',
    ended: `varchar(16) ${TEXT}`,
    message: `varchar(255) ${TEXT}`,
  }),
  attempts: rowsOfArrays({
    program_id: 'bigint',
    step: 'int',
    attempt: 'int',
    duration_ms: 'bigint',
    job: JOB_NAME,
    outcome: `varchar(32) ${TEXT}`,
    worker: `varchar(255) ${TEXT}`,
    error: `longtext ${TEXT}`,
    result: `longtext ${TEXT}`,
  }),
} as const;

function rowsOf(field: string, path: string): string {
  return `json_table(?, '$[*]' columns (${field} path '${path}')) i`;
}

function rowsOfArrays(fields: Readonly<Record<string, string>>): string {
  const columns = Object.entries(fields).map(([name, type], index) => `${name} ${type} path '$[${index}]'`);
  return `json_table(?, '$[*]' columns (${columns.join(', ')})) i`;
}

export function claimRows(claims: readonly Claim[]): string {
  return JSON.stringify(claims.map(({ id, fence, claimedBy }) => [id, fence, claimedBy]));
}

/** Payloads are JSON already; they are put in as they are. */
export function jobDataRows(writes: readonly JobDataWrite[]): string {
  const rows = writes.map(
    ({ id, fence, claimedBy, jobData }) => `[${id},${fence},${JSON.stringify(claimedBy)},${jobData}]`,
  );
  return `[${rows.join(',')}]`;
}

export function programRows(programs: readonly NewProgram[]): string {
  const rows = programs.map(
    ({ runId, isEmpty, jobs, programData, jobData, fence, dueAt, delayMs, line }) =>
      `[${JSON.stringify(runId)},${jobs},${programData},${jobData},${fence},${dueAt},${delayMs},${isEmpty ? 1 : 0}${linedFields(line)}]`,
  );
  return `[${rows.join(',')}]`;
}

/** Fields that are left out read as null. */
function linedFields(line: NewProgram['line']): string {
  return line ? `,${line.lineId},${line.batchId},${JSON.stringify(line.options)}` : '';
}

export function transitionRows(changes: readonly Transition[]): string {
  return JSON.stringify(
    changes.map((change) => [
      change.id,
      change.fence,
      change.claimedBy,
      change.step,
      change.nextStep,
      change.stepRetryCount,
      change.lostCount,
      change.release ? 1 : 0,
      change.delayMs,
      change.end,
      change.errorMessage,
    ]),
  );
}

/** The attempts of those changes that have one; undefined when none has. */
export function attemptRows(changes: readonly Transition[]): string | undefined {
  const rows = changes.flatMap(({ id, step, attempt }) => (attempt ? [attemptRow(id, step, attempt)] : []));
  return rows.length > 0 ? JSON.stringify(rows) : undefined;
}

function attemptRow(id: number, step: number, attempt: Attempt): unknown[] {
  const { job, outcome, worker, durationMs, error, result } = attempt;
  return [id, step, attempt.attempt, Math.round(durationMs), job, outcome, worker, error, result];
}
