import type { Knex } from 'knex';
import { idsOf, toClaimedProgram, toRowState, type ClaimedRow, type Row, waitOf } from '../rows.js';
import type { Claim, ClaimTerms, Db, Dialect, TableNames } from './dialect.js';
import { claimsJson, jobDataJson, programsJson, transitionsJson } from './group-json.js';
import { createSql, claimSql, recordSql } from './mysql-sql.js';
import { sqlTermsOf } from './sql-terms.js';

/**
 * MySQL 8 and MariaDB from 10.6. There is no `UPDATE … RETURNING`, so every operation locks its rows first,
 * by primary key, compares here, and updates what is left, in one short transaction.
 */
export function mysqlDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('mysql');
  const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp };
  const sql = { ...createSql(context), ...claimSql(context), ...recordSql(context) };

  /** Locks the rows of a group and runs `change` with those whose guard holds. */
  const guarded = <T extends Claim>(
    group: readonly T[],
    db: Db,
    change: (mine: T[], trx: Db) => Promise<unknown>,
  ): Promise<number[]> =>
    inTransaction(db, async (trx) => {
      const rows = await query(trx, sql.lock(group.length), group.map(({ id }) => id).sort(ascending));
      const mine = stillHeld(group, rows);
      if (mine.length > 0) await change(mine, trx);
      return mine.map(({ id }) => id);
    });

  /** Finds candidates without locking anything, then locks only them: an index scan that locks gets in others' way. */
  const claim = async (
    candidates: string,
    bindings: readonly unknown[],
    { claimedBy, leaseMs }: ClaimTerms,
  ) => {
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
    commitsAtOnce: 2,
    insert: async (programs, db) => {
      await query(db, sql.insert, [programsJson(programs)]);
    },
    claimRung: (runIds, terms) => claim(sql.rung(runIds.length), [...runIds, terms.claimedBy], terms),
    claimDue: (limit, graceMs, terms) => claim(sql.due, [graceMs, terms.claimedBy, limit], terms),
    untilDueMs: async (graceMs) => waitOf(await query(knex, sql.untilDue, [graceMs])),
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

/** The writes of a group whose guard holds, given their rows. */
function stillHeld<T extends Claim>(group: readonly T[], rows: readonly Row[]): T[] {
  const states = new Map(rows.map((row) => [Number(row['id']), toRowState(row)]));
  return group.filter((write) => isHeld(write, states.get(write.id)));
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
