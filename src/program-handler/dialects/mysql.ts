import type { Knex } from 'knex';
import { CLAIM_COLUMNS, idsOf, toClaimedProgram, toRowState, type ClaimedRow, type Row } from '../rows.js';
import { PARKED, type Claim, type ClaimTerms, type Db, type Dialect, type TableNames } from './dialect.js';
import { claimsJson, jobDataJson, programsJson, transitionsJson } from './group-json.js';
import { sqlTermsOf } from './sql-terms.js';

/**
 * MySQL 8 and MariaDB from 10.6. There is no `UPDATE … RETURNING`, so every operation locks its rows first,
 * by primary key, compares here, and updates what is left, in one short transaction.
 */
export function mysqlDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('mysql');
  const sql = statements(tables, terms.nowMs, terms.timestamp);

  /** Locks the rows of a group and runs `change` with those whose guard holds. */
  const guarded = <T extends Claim>(
    group: readonly T[],
    db: Db,
    change: (mine: T[], trx: Db) => Promise<unknown>,
  ): Promise<number[]> =>
    inTransaction(db, async (trx) => {
      const rows = await query(trx, sql.lock(group.length), group.map(({ id }) => id).sort(ascending));
      const held = new Map(rows.map((row) => [Number(row['id']), toRowState(row)]));
      const mine = group.filter((write) => isHeld(write, held.get(write.id)));
      if (mine.length > 0) await change(mine, trx);
      return mine.map(({ id }) => id);
    });

  /** Finds candidates without locking anything, then locks only them: an index scan that locks gets in others' way. */
  const claim = async (candidates: string, bindings: readonly unknown[], { claimedBy, leaseMs }: ClaimTerms) => {
    const ids = idsOf(await query(knex, candidates, bindings)).sort(ascending);
    if (ids.length === 0) return [];
    return inTransaction(knex, async (trx) => {
      const rows = await query(trx, sql.lockClaimable(ids.length), [...ids, claimedBy]);
      if (rows.length === 0) return [];
      await query(trx, sql.claim(rows.length), [claimedBy, claimedBy, leaseMs, ...idsOf(rows)]);
      return rows.map((row) => claimed(row, claimedBy));
    });
  };

  return {
    terms,
    insert: async (programs, db) => {
      await query(db, sql.insert, [programsJson(programs)]);
    },
    claimRung: (runIds, terms) => claim(sql.rung(runIds.length), [...runIds, terms.claimedBy], terms),
    claimDue: (limit, graceMs, terms) => claim(sql.due, [graceMs, terms.claimedBy, limit], terms),
    untilDueMs: async (graceMs) => {
      const [row] = await query(knex, sql.untilDue, [graceMs]);
      return row?.['wait_ms'] === null || !row ? undefined : Number(row['wait_ms']);
    },
    transition: (changes, db) =>
      guarded(changes, db, async (mine, trx) => {
        const json = transitionsJson(mine);
        await query(trx, sql.transition, [json]);
        if (mine.some(({ attempt }) => attempt)) await query(trx, sql.logAttempts, [json]);
      }),
    beginWork: () => Promise.resolve(),
    saveJobData: (writes) =>
      guarded(writes, knex, (mine, trx) => query(trx, sql.saveJobData, [jobDataJson(mine)])),
    renew: (claims, leaseMs) =>
      guarded(claims, knex, (mine, trx) => query(trx, sql.renew, [claimsJson(mine), leaseMs])),
  };
}

/** Read committed: with MySQL's default, locking a row that is not there would lock a gap. */
function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : db.transaction(work, { isolationLevel: 'read committed' });
}

async function query(db: Db, text: string, bindings: readonly unknown[]): Promise<Row[]> {
  const [rows] = (await db.raw(text, bindings as Knex.RawBinding[])) as [Row[]];
  return rows;
}

function isHeld(write: Claim & { step?: number }, row: ReturnType<typeof toRowState> | undefined): boolean {
  return (
    row !== undefined &&
    row.fence === write.fence &&
    row.claimedBy === write.claimedBy &&
    (write.step === undefined || row.step === write.step) &&
    !row.finished &&
    !row.errored
  );
}

/** A locked candidate as it reads after the claim. */
function claimed(row: Row, claimedBy: string): ClaimedRow {
  const before = toClaimedProgram(row);
  const isFresh = row['claimed_by'] === null || row['claimed_by'] === claimedBy;
  return { ...before, claimedBy, fence: before.fence + 1, lostCount: before.lostCount + (isFresh ? 0 : 1) };
}

const ascending = (a: number, b: number) => a - b;

const marks = (count: number) => Array(count).fill('?').join(', ');

function statements({ programs, attempts }: TableNames, now: string, timestamp: string) {
  const columns = CLAIM_COLUMNS.join(', ');
  const unended = 'finished_at is null and errored_at is null';
  const unclaimed = `claimed_until is null or claimed_until <= ${now}`;
  const isDue = `(due_at <= ${now} or due_at = ${PARKED})`;
  const group = (fields: string) =>
    `json_table(?, '$[*]' columns (id bigint path '$.id'${fields})) i straight_join \`${programs}\` p on p.id = i.id`;

  return {
    insert: `
      insert into \`${programs}\`
        (run_id, jobs, program_data, job_data, step, step_retry_count, due_at, finished_at, created_at, updated_at)
      select i.run_id, i.jobs, i.program_data, i.job_data, 0, 0, coalesce(i.due_at, ${now} + i.delay_ms),
        case when i.finished = 1 then ${timestamp} end, ${timestamp}, ${timestamp}
      from json_table(?, '$[*]' columns (run_id varchar(255) path '$.run_id', jobs json path '$.jobs',
        program_data json path '$.program_data', job_data json path '$.job_data', due_at bigint path '$.due_at',
        delay_ms bigint path '$.delay_ms', finished int path '$.finished')) i
      on duplicate key update id = \`${programs}\`.id`,

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

    lock: (count: number) => `
      select id, fence, claimed_by, step, finished_at, errored_at from \`${programs}\` force index (primary)
      where id in (${marks(count)}) order by id for update`,

    transition: `
      update ${group(
        `, next_step int path '$.next_step', retries int path '$.retries', ended varchar(16) path '$.ended',
         message varchar(255) path '$.message', released int path '$.released', delay_ms bigint path '$.delay_ms'`,
      )} set
        p.step = i.next_step,
        p.step_retry_count = i.retries,
        p.lost_count = 0,
        p.error_message = coalesce(i.message, p.error_message),
        p.finished_at = case when i.ended = 'finished' then ${timestamp} end,
        p.errored_at = case when i.ended = 'errored' then ${timestamp} end,
        p.due_at = case when i.delay_ms is null then p.due_at else ${now} + i.delay_ms end,
        p.claimed_by = case when i.released = 1 then null else p.claimed_by end,
        p.claimed_until = case when i.released = 1 then null else p.claimed_until end,
        p.updated_at = ${timestamp}`,

    logAttempts: `
      insert into \`${attempts}\`
        (program_id, step, job, attempt, outcome, worker, started_at, finished_at, error, result)
      select i.id, i.step, i.job, i.attempt, i.outcome, i.worker, ${now} - i.duration_ms, ${now}, i.error, i.result
      from json_table(?, '$[*]' columns (id bigint path '$.id', step int path '$.step',
        job varchar(255) path '$.job', attempt int path '$.attempt', outcome varchar(32) path '$.outcome',
        worker varchar(255) path '$.worker', duration_ms bigint path '$.duration_ms',
        error longtext path '$.error', result longtext path '$.result')) i
      where i.job is not null`,

    beginWork: () => Promise.resolve(),
    saveJobData: `
      update ${group(`, data json path '$.data'`)} set p.job_data = i.data, p.updated_at = ${timestamp}`,

    renew: `
      update ${group('')} set p.claimed_until = ${now} + ?`,
  };
}
