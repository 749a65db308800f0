import { CLAIM_COLUMNS } from '../rows.js';
import { PARKED } from './dialect.js';
import type { SqlContext } from './sql-terms.js';
import { initialFence } from './initial-fence.js';
import { transitionAssignments } from './transition-assignments.js';

const marks = (count: number) => Array(count).fill('?').join(', ');

/** Creating programs. */
export function createSql({ programs, now, timestamp }: SqlContext) {
  return {
    insert: `
      insert into \`${programs}\`
        (run_id, jobs, program_data, job_data, step, step_retry_count, fence, due_at, finished_at, created_at, updated_at)
      select i.run_id, i.jobs, i.program_data, i.job_data, 0, 0,
        ${initialFence('i.delay_ms')}, coalesce(i.due_at, ${now} + i.delay_ms),
        case when i.finished = 1 then ${timestamp} end, ${timestamp}, ${timestamp}
      from json_table(?, '$[*]' columns (run_id varchar(255) character set utf8mb4 path '$.run_id', jobs json path '$.jobs',
        program_data json path '$.program_data', job_data json path '$.job_data', due_at bigint path '$.due_at',
        delay_ms bigint path '$.delay_ms', finished int path '$.finished')) i
      on duplicate key update id = \`${programs}\`.id`,
  };
}

/** Finding and claiming what is due. */
export function claimSql({ programs, now, timestamp }: SqlContext) {
  const columns = CLAIM_COLUMNS.join(', ');
  const unended = 'finished_at is null and errored_at is null';
  const unclaimed = `claimed_until is null or claimed_until <= ${now}`;
  const isDue = `(due_at <= ${now} or due_at = ${PARKED})`;
  return {
    rung: (count: number) => `
      select id from \`${programs}\`
      where run_id in (${marks(count)}) and ${unended} and ${isDue} and (${unclaimed} or claimed_by = ?)`,

    due: `
      select id from \`${programs}\`
      where ${unended} and due_at <= ${now} and (fence > 0 or due_at <= ${now} - ?)
        and (${unclaimed} or claimed_by = ?)
      order by due_at limit ?`,

    lockClaimable: (count: number) => `
      select ${columns} from \`${programs}\` force index (primary)
      where id in (${marks(count)}) and ${unended} and ${isDue} and (${unclaimed} or claimed_by = ?)
      order by id for update skip locked`,

    // MySQL assigns from left to right: lost_count reads claimed_by before it is replaced.
    claim: (count: number) => `
      update \`${programs}\` set
        lost_count = lost_count + case when claimed_by is null or claimed_by = ? then 0 else 1 end,
        fence = fence + 1,
        due_at = case when due_at = ${PARKED} then ${now} else due_at end,
        claimed_by = ?,
        claimed_until = ${now} + ?,
        updated_at = ${timestamp}
      where id in (${marks(count)})`,

    untilDue: `
      select min(wait_ms) as wait_ms from (
        (select 0 as wait_ms from \`${programs}\`
         where ${unended} and due_at <= ${now} and (fence > 0 or due_at <= ${now} - ?) and (${unclaimed})
         order by due_at limit 1)
        union all
        (select due_at - (${now}) from \`${programs}\`
         where ${unended} and due_at > ${now} and due_at < ${PARKED}
         order by due_at limit 1)) waiting`,
  };
}

/** Writes of a claim's holder, for rows that are locked and compared already. */
export function recordSql({ programs, attempts, now, timestamp }: SqlContext) {
  const group = (fields: string) =>
    `json_table(?, '$[*]' columns (id bigint path '$.id'${fields})) i straight_join \`${programs}\` p on p.id = i.id`;
  return {
    lock: (count: number) => `
      select id, fence, claimed_by, step, finished_at, errored_at from \`${programs}\` force index (primary)
      where id in (${marks(count)}) order by id for update`,

    transition: `
      update ${group(
        `, next_step int path '$.next_step', retries int path '$.retries', ended varchar(16) character set utf8mb4 path '$.ended',
         message varchar(255) character set utf8mb4 path '$.message', lost_count int path '$.lost_count', released int path '$.released', delay_ms bigint path '$.delay_ms'`,
      )} set
        ${transitionAssignments('p.', now, timestamp)},
        p.updated_at = ${timestamp}`,

    logAttempts: `
      insert into \`${attempts}\`
        (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
      select i.id, i.step, i.job, i.attempt, i.outcome, i.worker, ${now} - i.duration_ms, ${now}, i.error, i.result
      from json_table(?, '$[*]' columns (id bigint path '$.id', step int path '$.step',
        job varchar(255) character set utf8mb4 path '$.job', attempt int path '$.attempt', outcome varchar(32) character set utf8mb4 path '$.outcome',
        worker varchar(255) character set utf8mb4 path '$.worker', duration_ms bigint path '$.duration_ms',
        error longtext character set utf8mb4 path '$.error', result longtext character set utf8mb4 path '$.result')) i
      where i.job is not null`,

    saveJobData: `
      update ${group(`, data json path '$.data'`)} set p.job_data = i.data, p.updated_at = ${timestamp}`,

    renew: `
      update ${group('')} set p.claimed_until = ${now} + ?`,
  };
}
