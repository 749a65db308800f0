import { GATED } from './dialect.js';
import { INPUT } from './mysql-rows.js';
import { byId, UNENDED } from './mysql-terms.js';
import type { SqlContext } from './sql-terms.js';
import { transitionAssignments } from './transition-assignments.js';

/** Creating programs. */
export function createSql({ programs, now, timestamp }: SqlContext) {
  const dueAt = `coalesce(i.due_at, ${now} + i.delay_ms)`;
  return {
    insert: `
      insert into \`${programs}\`
        (run_id, jobs, program_data, job_data, step, step_retry_count, fence, due_at, ready_at, line_id, batch_id, options,
         finished_at, created_at, updated_at)
      select i.run_id, i.jobs, i.program_data, i.job_data, 0, 0, i.fence,
        case when i.line_id is null then ${dueAt} else ${GATED} end,
        case when i.line_id is not null then ${dueAt} end,
        i.line_id, i.batch_id, i.options,
        case when i.finished = 1 then ${timestamp} end, ${timestamp}, ${timestamp}
      from ${INPUT.programs}
      on duplicate key update id = \`${programs}\`.id`,
  };
}

/** Writes of a claim's holder, each under its guard. */
export function recordSql({ programs, attempts, now, timestamp }: SqlContext) {
  const rowsOf = (input: string) => byId(programs, input);
  const isMine = `p.fence = i.fence and p.claimed_by = i.holder and ${UNENDED}`;
  return {
    lock: `
      select p.id, p.fence, p.claimed_by, p.step, p.finished_at, p.errored_at
      from ${rowsOf(INPUT.ids)} for update`,

    transition: `
      update ${rowsOf(INPUT.transitions)} set
        ${transitionAssignments('p.', now, timestamp)},
        p.updated_at = ${timestamp}
      where ${isMine} and p.step = i.step`,

    logAttempts: `
      insert into \`${attempts}\`
        (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
      select i.program_id, i.step, i.job, i.attempt, i.outcome, i.worker, ${now} - i.duration_ms, ${now}, i.error, i.result
      from ${INPUT.attempts}`,

    saveJobData: `
      update ${rowsOf(INPUT.jobData)} set p.job_data = i.data, p.updated_at = ${timestamp}
      where ${isMine}`,

    renew: `
      update ${rowsOf(INPUT.claims)} set p.claimed_until = ${now} + ?
      where ${isMine}`,
  };
}
