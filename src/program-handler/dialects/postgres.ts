import type { Knex } from 'knex';
import { CLAIM_COLUMNS, idsOf, toClaimedProgram, type Row } from '../rows.js';
import { PARKED, type Db, type Dialect, type TableNames } from './dialect.js';
import { claimsJson, jobDataJson, programsJson, transitionsJson } from './group-json.js';
import { sqlTermsOf } from './sql-terms.js';

/** PostgreSQL: every operation is one statement, one round trip, one commit. */
export function postgresDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('postgresql');
  const sql = statements(tables, terms.nowMs, terms.timestamp);
  const query = async (db: Db, text: string, bindings: readonly unknown[]): Promise<Row[]> => {
    const result: { rows: Row[] } = await db.raw(text, bindings as Knex.RawBinding[]);
    return result.rows;
  };
  return {
    terms,
    insert: async (programs, db) => {
      await query(db, sql.insert, [programsJson(programs)]);
    },
    claimRung: async (runIds, { claimedBy, leaseMs }) => {
      const rows = await query(knex, sql.claimRung, [[...runIds], claimedBy, claimedBy, claimedBy, leaseMs]);
      return rows.map(toClaimedProgram);
    },
    claimDue: async (limit, graceMs, { claimedBy, leaseMs }) => {
      const rows = await query(knex, sql.claimDue, [
        graceMs,
        claimedBy,
        limit,
        claimedBy,
        claimedBy,
        leaseMs,
      ]);
      return rows.map(toClaimedProgram);
    },
    untilDueMs: async (graceMs) => {
      const [row] = await query(knex, sql.untilDue, [graceMs]);
      return row?.['wait_ms'] === null || !row ? undefined : Number(row['wait_ms']);
    },
    transition: async (changes, db) => idsOf(await query(db, sql.transition, [transitionsJson(changes)])),
    beginWork: () => Promise.resolve(),
    saveJobData: async (writes) => idsOf(await query(knex, sql.saveJobData, [jobDataJson(writes)])),
    renew: async (claims, leaseMs) => idsOf(await query(knex, sql.renew, [claimsJson(claims), leaseMs])),
  };
}

function statements({ programs, attempts }: TableNames, now: string, timestamp: string) {
  // Written so that the partial index on due_at cannot serve it: a statement that knows its ids must
  // find them by the primary key or run_id, whatever the planner believes of a young table.
  const unfinished = 'coalesce(p.finished_at, p.errored_at) is null';
  const unclaimed = `(p.claimed_until is null or p.claimed_until <= ${now} or p.claimed_by = ?)`;
  const claim = `
    update "${programs}" p set
      lost_count = p.lost_count + case when p.claimed_by is null or p.claimed_by = ? then 0 else 1 end,
      fence = p.fence + 1,
      claimed_by = ?,
      claimed_until = ${now} + ?::bigint,
      updated_at = ${timestamp}
    from due where p.id = due.id
    returning ${CLAIM_COLUMNS.map((column) => `p.${column}`).join(', ')}`;
  // Rows are locked in the order of their ids, so that groups of several connections cannot deadlock.
  const mine = (fields: string, step: string) => `
    with i as materialized (select * from json_to_recordset(?::json) as i(id bigint, fence bigint, holder text${fields})),
    mine as materialized (
      select p.id from i join "${programs}" p on p.id = i.id
      where p.fence = i.fence and p.claimed_by = i.holder ${step} and ${unfinished}
      order by p.id for update of p)`;

  return {
    insert: `
      insert into "${programs}"
        (run_id, jobs, program_data, job_data, step, step_retry_count, due_at, finished_at, created_at, updated_at)
      select i.run_id, i.jobs, i.program_data, i.job_data, 0, 0, coalesce(i.due_at, ${now} + i.delay_ms),
        case when i.finished = 1 then ${timestamp} end, ${timestamp}, ${timestamp}
      from json_to_recordset(?::json) as i(run_id text, jobs json, program_data json, job_data json,
        due_at bigint, delay_ms bigint, finished int)
      on conflict do nothing`,

    claimRung: `
      with due as materialized (
        select p.id from "${programs}" p
        where p.run_id = any(?::text[]) and ${unfinished}
          and (p.due_at + 0 <= ${now} or p.due_at = ${PARKED}) and ${unclaimed}
        order by p.id for update skip locked)
      ${claim}`,

    claimDue: `
      with due as materialized (
        select p.id from "${programs}" p
        where p.finished_at is null and p.errored_at is null and p.due_at <= ${now}
          and (p.fence > 0 or p.due_at <= ${now} - ?::bigint) and ${unclaimed}
        order by p.due_at limit ? for update skip locked)
      ${claim}`,

    untilDue: `
      select min(wait_ms) as wait_ms from (
        (select 0 as wait_ms from "${programs}" p
         where p.finished_at is null and p.errored_at is null and p.due_at <= ${now}
           and (p.fence > 0 or p.due_at <= ${now} - ?::bigint)
           and (p.claimed_until is null or p.claimed_until <= ${now})
         order by p.due_at limit 1)
        union all
        (select p.due_at - ${now} from "${programs}" p
         where p.finished_at is null and p.errored_at is null and p.due_at > ${now} and p.due_at < ${PARKED}
         order by p.due_at limit 1)) waiting`,

    transition: `
      ${mine(
        `, step int, next_step int, retries int, ended text, message text, released int, delay_ms bigint,
         job text, attempt int, outcome text, worker text, duration_ms bigint, error text, result text`,
        'and p.step = i.step',
      )},
      done as (
        update "${programs}" p set
          step = i.next_step,
          step_retry_count = i.retries,
          lost_count = 0,
          error_message = coalesce(i.message, p.error_message),
          finished_at = case when i.ended = 'finished' then ${timestamp} end,
          errored_at = case when i.ended = 'errored' then ${timestamp} end,
          due_at = case when i.delay_ms is null then p.due_at else ${now} + i.delay_ms end,
          claimed_by = case when i.released = 1 then null else p.claimed_by end,
          claimed_until = case when i.released = 1 then null else p.claimed_until end,
          updated_at = ${timestamp}
        from i join mine on mine.id = i.id where p.id = i.id
        returning p.id),
      logged as (
        insert into "${attempts}"
          (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
        select i.id, i.step, i.job, i.attempt, i.outcome, i.worker, ${now} - i.duration_ms, ${now}, i.error, i.result
        from i join done on done.id = i.id where i.job is not null)
      select id from done`,

    beginWork: () => Promise.resolve(),
    saveJobData: `
      ${mine(', data json', '')}
      update "${programs}" p set job_data = i.data, updated_at = ${timestamp}
      from i join mine on mine.id = i.id where p.id = i.id
      returning p.id`,

    renew: `
      ${mine('', '')}
      update "${programs}" p set claimed_until = ${now} + ?::bigint
      from mine where p.id = mine.id
      returning p.id`,
  };
}
