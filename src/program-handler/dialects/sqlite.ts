import type { Knex } from 'knex';
import { idsOf, toClaimedProgram, waitOf } from '../rows.js';
import type { Dialect, TableNames } from './dialect.js';
import { claimsJson, jobDataJson, programsJson, transitionsJson } from './group-json.js';
import { createSql, claimSql, recordSql } from './sqlite-sql.js';
import { sqlTermsOf } from './sql-terms.js';
import { queryOn, writing } from './sqlite-session.js';

/** SQLite 3.42 or newer, through any of knex's SQLite clients. One writer at a time, whole groups each time. */
export function sqliteDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('sqlite3');
  const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp };
  const sql = { ...createSql(context), ...claimSql(context), ...recordSql(context) };
  const query = queryOn(knex);
  return {
    terms,
    commitsAtOnce: 1,
    insert: (programs, db) =>
      writing(db, async (query) => {
        await query(sql.insert, [programsJson(programs)]);
      }),
    claimRung: (runIds, { claimedBy, leaseMs }) =>
      writing(knex, async (query) => {
        const bindings = [claimedBy, claimedBy, leaseMs, JSON.stringify(runIds), claimedBy];
        return (await query(sql.claimRung, bindings)).map(toClaimedProgram);
      }),
    claimDue: (limit, graceMs, { claimedBy, leaseMs }) =>
      writing(knex, async (query) => {
        const bindings = [claimedBy, claimedBy, leaseMs, graceMs, claimedBy, limit];
        return (await query(sql.claimDue, bindings)).map(toClaimedProgram);
      }),
    untilDueMs: async (graceMs) => waitOf(await query(sql.untilDue, [graceMs])),
    transition: (changes, db) =>
      writing(db, async (query) => {
        const json = transitionsJson(changes);
        const ids = idsOf(await query(sql.transition, [json]));
        await query(sql.logAttempts, [json, JSON.stringify(ids)]);
        return ids;
      }),
    beginWork: async (trx) => {
      await queryOn(trx)(sql.takeWriteLock, []);
    },
    saveJobData: (writes) =>
      writing(knex, async (query) => idsOf(await query(sql.saveJobData, [jobDataJson(writes)]))),
    renew: (claims, leaseMs) =>
      writing(knex, async (query) => idsOf(await query(sql.renew, [leaseMs, claimsJson(claims)]))),
  };
}
