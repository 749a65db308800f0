import { CLAIM_COLUMNS } from '../rows.js';
import { GATED, MOST_HELD, PARKED } from './dialect.js';
import { unpausedSql, type SqlContext } from './sql-terms.js';
import { CLAIM_ROWS, TRANSITION_ROWS } from './postgres-arrays.js';
import { bySize, isOneOf, rowsCounted } from './postgres-group-size.js';
import { transitionAssignments } from './transition-assignments.js';

/** Creating programs. */
export function createSql(context: SqlContext) {
  const { now } = context;
  const dueAt = `coalesce(i.due_at, ${now} + i.delay_ms)`;
  return {
    insert: insertSql(context, { due_at: dueAt }, ''),
    insertLined: insertSql(
      context,
      {
        due_at: `case when i.line_id is null then ${dueAt} else ${GATED} end`,
        line_id: 'i.line_id',
        batch_id: 'i.batch_id',
        options: 'i.options',
        ready_at: `case when i.line_id is not null then ${dueAt} end`,
      },
      ', line_id bigint, batch_id bigint, options text',
    ),
  };
}

function insertSql(
  { programs, timestamp }: SqlContext,
  values: Readonly<Record<string, string>>,
  fields: string,
): string {
  return `
    insert into "${programs}"
      (run_id, jobs, program_data, job_data, step, step_retry_count, fence, finished_at, created_at, updated_at,
       ${Object.keys(values).join(', ')})
    select i.run_id, i.jobs, i.program_data, i.job_data, 0, 0, i.fence,
      case when i.finished = 1 then ${timestamp} end, ${timestamp}, ${timestamp},
      ${Object.values(values).join(', ')}
    from json_to_recordset(?::json) as i(run_id text, jobs json, program_data json, job_data json,
      due_at bigint, delay_ms bigint, fence int, finished int${fields})
    on conflict do nothing`;
}

/** Finding and claiming what is due. */
export function claimSql(context: SqlContext) {
  const { programs, now, timestamp } = context;
  const unpaused = unpausedSql(context);
  // Written so that the partial index on due_at cannot serve it: a statement that knows its ids must
  // find them by the primary key or run_id, whatever the planner believes of a young table.
  const unfinished = 'coalesce(p.finished_at, p.errored_at) is null';
  const unclaimed = `(p.claimed_until is null or p.claimed_until <= ${now} or p.claimed_by = ?)`;
  const claim = `
    update "${programs}" p set
      lost_count = p.lost_count + case when p.claimed_by is null or p.claimed_by = ? then 0 else 1 end,
      fence = p.fence + 1,
      due_at = case when p.due_at = ${PARKED} then ${now} else p.due_at end,
      claimed_by = ?,
      claimed_until = ${now} + ?::bigint,
      updated_at = ${timestamp}`;
  const returning = `returning ${CLAIM_COLUMNS.map((column) => `p.${column}`).join(', ')}`;
  return {
    claimRung: bySize(
      (count) => `
      ${claim}
      where p.run_id ${isOneOf(count)} and ${unfinished}
        and (p.due_at = ${PARKED} or (p.due_at + 0 <= ${now} and ${unpaused})) and ${unclaimed}
      ${returning}`,
    ),

    claimDue: `
      with due as materialized (
        select p.id from "${programs}" p
        where p.finished_at is null and p.errored_at is null and p.due_at <= ${now} and p.due_at >= ?::bigint
          and (p.fence > 0 or p.due_at <= ${now} - ?::bigint) and ${unclaimed} and ${unpaused}
        order by p.due_at limit ?::int for update skip locked)
      ${claim}
      from due where p.id = due.id
      ${returning}`,

    untilDue: `
      select coalesce(
        (select 0::bigint from "${programs}" p
         where p.finished_at is null and p.errored_at is null and p.due_at <= ${now}
           and (p.fence > 0 or p.due_at <= ${now} - ?::bigint)
           and (p.claimed_until is null or p.claimed_until <= ${now})
         order by p.due_at limit 1),
        (select min(wait_ms) from (
          (select min(case when claimed_until > ${now} then claimed_until else due_at + ?::bigint end) - ${now} as wait_ms
           from (select p.claimed_until, p.due_at from "${programs}" p
             where p.finished_at is null and p.errored_at is null and p.due_at <= ${now}
             order by p.due_at limit ${MOST_HELD}) held)
          union all
          (select p.due_at - ${now} from "${programs}" p
           where p.finished_at is null and p.errored_at is null and p.due_at > ${now} and p.due_at < ${GATED}
           order by p.due_at limit 1)) waiting)) as wait_ms
      where ${unpaused}`,
  };
}

/** Writes of a claim's holder, each under its guard. */
export function recordSql({ programs, attempts, slots, now, timestamp }: SqlContext) {
  // Written so that the partial index on due_at cannot serve it: a statement that knows its ids must
  // find them by the primary key or run_id, whatever the planner believes of a young table.
  const unfinished = 'coalesce(p.finished_at, p.errored_at) is null';
  const mine = `p.id = i.id and p.fence = i.fence and p.claimed_by = i.holder and ${unfinished}`;
  const done = (count: number) => `
    with done as (
      update "${programs}" p set
        ${transitionAssignments('', now, timestamp)},
        updated_at = ${timestamp}
      from ${rowsCounted(TRANSITION_ROWS, count)}
      where ${mine} and p.step = i.step
      returning p.id, i.step, i.job, i.attempt, i.outcome, i.worker, i.duration_ms, i.error, i.result),
    logged as (
      insert into "${attempts}"
        (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
      select id, step, job, attempt, outcome, worker, ${now} - duration_ms, ${now}, error, result
      from done where job is not null)`;
  return {
    transition: bySize((count) => `${done(count)} select id from done`),

    // Nothing is joined: the planner, which expects one row of each, would compare each with each.
    leave: bySize(
      (count) => `
      ${done(count)},
      given as (
        delete from "${slots}" s where s.program_id = any(array(select id from done))
        returning s.program_id, s.claimed_by, s.is_settled)
      select id, null as program_id, null as claimed_by from done
      union all select null, program_id, claimed_by from given where is_settled = 1`,
    ),

    saveJobData: `
      update "${programs}" p set job_data = i.data, updated_at = ${timestamp}
      from json_to_recordset(?::json) as i(id bigint, fence bigint, holder text, data json)
      where ${mine}
      returning p.id`,

    renew: `
      update "${programs}" p set claimed_until = ${now} + ?::bigint
      from ${CLAIM_ROWS}
      where ${mine}
      returning p.id`,
  };
}
