import { CLAIM_COLUMNS } from '../rows.js';
import { GATED, MOST_HELD, PARKED, type TableNames } from './dialect.js';
import { unpausedSql, type SqlTerms } from './sql-terms.js';

/**
 * Each statement is for one row, and is prepared once a connection: within the process nothing is gained by
 * groups, and parsing their JSON would take longer than the writing. The values of the `?` come in the order
 * of the text; moments are those of `clock`, taken once a transaction.
 */
export type SqliteSql = ReturnType<typeof sqliteSql>;

export function sqliteSql(tables: TableNames, terms: SqlTerms) {
  return { ...clockSql(tables, terms), ...createSql(tables), ...claimSql(tables), ...recordSql(tables) };
}

// Not `finished_at is null and …`: with that the planner may walk the partial index on due_at.
const UNENDED = 'coalesce(finished_at, errored_at) is null';
/** The guard of a claim's holder. */
const MINE = `id = ? and fence = ? and claimed_by = ? and ${UNENDED}`;

function clockSql({ pools }: TableNames, { nowMs, timestamp, quote }: SqlTerms) {
  const clock = `select ${nowMs} as now_ms, ${timestamp} as timestamp`;
  return {
    clock,
    // Once a transaction, as the clock is, and not with each row.
    claimClock: `${clock}, ${unpausedSql({ pools, quote })} as is_unpaused`,
  };
}

/** Creating programs. */
function createSql({ programs }: TableNames) {
  return {
    insert: `
      insert into "${programs}"
        (run_id, jobs, program_data, job_data, step, step_retry_count, fence, due_at, finished_at, created_at, updated_at)
      values (?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)
      on conflict do nothing`,

    insertLined: `
      insert into "${programs}"
        (run_id, jobs, program_data, job_data, step, step_retry_count, fence, due_at, created_at, updated_at,
         ready_at, line_id, batch_id, options)
      values (?, ?, ?, ?, 0, 0, ?, ${GATED}, ?, ?, ?, ?, ?, ?)
      on conflict do nothing`,
  };
}

/** Finding and claiming what is due. */
function claimSql({ programs }: TableNames) {
  const unclaimed = '(claimed_until is null or claimed_until <= ? or claimed_by = ?)';
  const claim = `
    update "${programs}" set
      lost_count = lost_count + case when claimed_by is null or claimed_by = ? then 0 else 1 end,
      fence = fence + 1,
      claimed_by = ?,
      claimed_until = ?,
      updated_at = ?`;
  const returning = `returning ${CLAIM_COLUMNS.join(', ')}`;
  return {
    claimRung: `
      ${claim}, due_at = case when due_at = ${PARKED} then ? else due_at end
      where run_id = ? and ${UNENDED} and (due_at <= ? or due_at = ${PARKED}) and ${unclaimed}
      ${returning}`,

    claimDue: `
      ${claim}
      where id in (
        select id from "${programs}"
        where finished_at is null and errored_at is null and due_at <= ? and due_at >= ?
          and (fence > 0 or due_at <= ?) and ${unclaimed}
        order by due_at limit ?)
      ${returning}`,

    isDue: `
      select 0 as wait_ms from "${programs}"
      where finished_at is null and errored_at is null and due_at <= ?
        and (fence > 0 or due_at <= ?) and (claimed_until is null or claimed_until <= ?)
      order by due_at limit 1`,

    nextFree: `
      select min(case when claimed_until > ? then claimed_until else due_at + ? end) - ? as wait_ms
      from (
        select claimed_until, due_at from "${programs}"
        where finished_at is null and errored_at is null and due_at <= ?
        order by due_at limit ${MOST_HELD})`,

    nextDue: `
      select due_at - ? as wait_ms from "${programs}"
      where finished_at is null and errored_at is null and due_at > ? and due_at < ${GATED}
      order by due_at limit 1`,
  };
}

/** Writes of a claim's holder, each under its guard. */
function recordSql({ programs, attempts }: TableNames) {
  const progress = `
    step = ?, step_retry_count = ?, lost_count = ?, error_message = coalesce(?, error_message), updated_at = ?`;
  return {
    // Touches no index: SQLite would rewrite the entries of every column it is told to set.
    advance: `update "${programs}" set ${progress} where ${MINE} and step = ?`,

    transition: `
      update "${programs}" set
        finished_at = ?, errored_at = ?, due_at = coalesce(?, due_at), ready_at = case when ? is null then ready_at end,
        cancelled_at = case when ? is null then cancelled_at end,
        claimed_by = ?, claimed_until = case when ? is null then null else claimed_until end,
        ${progress}
      where ${MINE} and step = ?`,

    logAttempt: `
      insert into "${attempts}"
        (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,

    // Changes nothing; a transaction that began with reading may be refused its first write.
    takeWriteLock: `delete from "${programs}" where false`,

    saveJobData: `update "${programs}" set job_data = ?, updated_at = ? where ${MINE}`,

    renew: `update "${programs}" set claimed_until = ? where ${MINE}`,
  };
}
