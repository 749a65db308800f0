import { CLAIM_COLUMNS } from '../rows.js';
import { PARKED } from './dialect.js';
import type { SqlContext } from './sql-terms.js';
import { initialFence } from './initial-fence.js';
import { transitionAssignments } from './transition-assignments.js';

/** Creating programs. */
export function createSql({ programs, now, timestamp }: SqlContext) {
  return {
    insert: `
      insert into "${programs}"
        (run_id, jobs, program_data, job_data, step, step_retry_count, fence, due_at, finished_at, created_at, updated_at)
      select value ->> '$.run_id', value -> '$.jobs', value -> '$.program_data', value -> '$.job_data', 0, 0,
        ${initialFence("value ->> '$.delay_ms'")},
        coalesce(value ->> '$.due_at', ${now} + (value ->> '$.delay_ms')),
        case when value ->> '$.finished' = 1 then ${timestamp} end, ${timestamp}, ${timestamp}
      from json_each(?) where true
      on conflict do nothing`,
  };
}

/** Finding and claiming what is due. */
export function claimSql({ programs, now, timestamp }: SqlContext) {
  // Not `finished_at is null and …`: with that the planner may walk the partial index on due_at.
  const unended = 'coalesce(p.finished_at, p.errored_at) is null';
  const unclaimed = `(p.claimed_until is null or p.claimed_until <= ${now} or p.claimed_by = ?)`;
  const claim = `
    update "${programs}" set
      lost_count = lost_count + case when claimed_by is null or claimed_by = ? then 0 else 1 end,
      fence = fence + 1,
      due_at = case when due_at = ${PARKED} then ${now} else due_at end,
      claimed_by = ?,
      claimed_until = ${now} + ?,
      updated_at = ${timestamp}`;
  const returning = `returning ${CLAIM_COLUMNS.join(', ')}`;
  return {
    claimRung: `
      ${claim}
      where id in (
        select p.id from json_each(?) i cross join "${programs}" p on p.run_id = i.value
        where ${unended} and (p.due_at <= ${now} or p.due_at = ${PARKED}) and ${unclaimed})
      ${returning}`,

    claimDue: `
      ${claim}
      where id in (
        select p.id from "${programs}" p
        where p.finished_at is null and p.errored_at is null and p.due_at <= ${now}
          and (p.fence > 0 or p.due_at <= ${now} - ?) and ${unclaimed}
        order by p.due_at limit ?)
      ${returning}`,

    untilDue: `
      select min(wait_ms) as wait_ms from (
        select * from (select 0 as wait_ms from "${programs}"
          where finished_at is null and errored_at is null and due_at <= ${now}
            and (fence > 0 or due_at <= ${now} - ?) and (claimed_until is null or claimed_until <= ${now})
          order by due_at limit 1)
        union all
        select * from (select due_at - ${now} from "${programs}"
          where finished_at is null and errored_at is null and due_at > ${now} and due_at < ${PARKED}
          order by due_at limit 1))`,
  };
}

/** Writes of a claim's holder, each under its guard. */
export function recordSql({ programs, attempts, now, timestamp }: SqlContext) {
  // Not `finished_at is null and …`: with that the planner may walk the partial index on due_at.
  const unended = 'coalesce(p.finished_at, p.errored_at) is null';
  const fields = (...names: string[]) => names.map((name) => `value ->> '$.${name}' as ${name}`).join(', ');
  const group = (...names: string[]) =>
    `(select ${fields('id', 'fence', 'holder', ...names)} from json_each(?)) i`;
  const mine = `p.id = i.id and p.fence = i.fence and p.claimed_by = i.holder and ${unended}`;
  return {
    transition: `
      update "${programs}" as p set
        ${transitionAssignments('', now, timestamp)},
        updated_at = ${timestamp}
      from ${group('step', 'next_step', 'retries', 'ended', 'message', 'lost_count', 'released', 'delay_ms')}
      where ${mine} and p.step = i.step
      returning id`,

    logAttempts: `
      insert into "${attempts}"
        (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
      select i.id, i.step, i.job, i.attempt, i.outcome, i.worker, ${now} - i.duration_ms, ${now}, i.error, i.result
      from (select ${fields('id', 'step', 'job', 'attempt', 'outcome', 'worker', 'duration_ms', 'error', 'result')}
        from json_each(?)) i
      where i.job is not null and i.id in (select value from json_each(?))`,

    // Changes nothing; a transaction that began with reading may be refused its first write.
    takeWriteLock: `delete from "${programs}" where false`,

    saveJobData: `
      update "${programs}" as p set job_data = i.data, updated_at = ${timestamp}
      from (select ${fields('id', 'fence', 'holder')}, value -> '$.data' as data from json_each(?)) i
      where ${mine}
      returning id`,

    renew: `
      update "${programs}" as p set claimed_until = ${now} + ?
      from ${group()}
      where ${mine}
      returning id`,
  };
}
