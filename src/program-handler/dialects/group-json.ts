import type { Attempt } from '../../program/program.js';
import type { Transition } from '../../program/transition.js';
import type { Claim, JobDataWrite, NewProgram } from './dialect.js';

/**
 * A group of rows travels as one JSON parameter; these are the fields of its objects, with the words each
 * database declares them in. Kept short: they are repeated in every row.
 */

export function claimsJson(claims: readonly Claim[]): string {
  return JSON.stringify(claims.map(({ id, fence, claimedBy }) => ({ id, fence, holder: claimedBy })));
}

/** Payloads are JSON already; they are put in as they are. */
export function jobDataJson(writes: readonly JobDataWrite[]): string {
  const rows = writes.map(
    ({ id, fence, claimedBy, jobData }) =>
      `{"id":${id},"fence":${fence},"holder":${JSON.stringify(claimedBy)},"data":${jobData}}`,
  );
  return `[${rows.join(',')}]`;
}

export function programsJson(programs: readonly NewProgram[]): string {
  const rows = programs.map(
    ({ runId, isEmpty, jobs, programData, jobData, dueAt, delayMs, fence }) =>
      `{"run_id":${JSON.stringify(runId)},"jobs":${jobs},"program_data":${programData},"job_data":${jobData},` +
      `"due_at":${dueAt},"delay_ms":${delayMs},"fence":${fence},"finished":${isEmpty ? 1 : 0}}`,
  );
  return `[${rows.join(',')}]`;
}

export function transitionsJson(changes: readonly Transition[]): string {
  return JSON.stringify(
    changes.map((change) => ({
      id: change.id,
      fence: change.fence,
      holder: change.claimedBy,
      step: change.step,
      next_step: change.nextStep,
      retries: change.stepRetryCount,
      ended: change.end,
      message: change.errorMessage,
      lost_count: change.lostCount,
      released: change.release ? 1 : 0,
      delay_ms: change.delayMs,
      ...(change.attempt ? attemptFields(change.attempt) : {}),
    })),
  );
}

function attemptFields({ job, attempt, outcome, worker, durationMs, error, result }: Attempt) {
  return { job, attempt, outcome, worker, duration_ms: Math.round(durationMs), error, result };
}
