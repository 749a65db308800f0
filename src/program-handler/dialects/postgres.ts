import type { Knex } from 'knex';
import { idsOf, toClaimedProgram, type Row, waitOf } from '../rows.js';
import type { Db, Dialect, TableNames } from './dialect.js';
import { claimsJson, jobDataJson, programsJson, transitionsJson } from './group-json.js';
import { createSql, claimSql, recordSql } from './postgres-sql.js';
import { sqlTermsOf } from './sql-terms.js';

/** PostgreSQL: every operation is one statement, one round trip, one commit. */
export function postgresDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('postgresql');
  const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp };
  const sql = { ...createSql(context), ...claimSql(context), ...recordSql(context) };
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
    untilDueMs: async (graceMs) => waitOf(await query(knex, sql.untilDue, [graceMs])),
    transition: async (changes, db) => idsOf(await query(db, sql.transition, [transitionsJson(changes)])),
    beginWork: () => Promise.resolve(),
    saveJobData: async (writes) => idsOf(await query(knex, sql.saveJobData, [jobDataJson(writes)])),
    renew: async (claims, leaseMs) => idsOf(await query(knex, sql.renew, [claimsJson(claims), leaseMs])),
  };
}
