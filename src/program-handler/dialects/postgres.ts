import type { Knex } from 'knex';
import type { Client } from 'pg';
import { idsOf, toClaimedProgram, type Row, waitOf } from '../rows.js';
import type { Db, Dialect, GroupTransaction, TableNames } from './dialect.js';
import { jobDataJson } from './postgres-json.js';
import { claimArrays, transitionArrays } from './postgres-arrays.js';
import { oneOf } from './postgres-group-size.js';
import { createSql, claimSql, recordSql } from './postgres-sql.js';
import { inPostgresTransaction, postgresTransaction } from './postgres-transactions.js';
import { PreparedStatements } from './prepared-statements.js';
import { onRawConnection } from './raw-connection.js';
import { sqlTermsOf } from './sql-terms.js';

/** PostgreSQL: every operation is one statement, one round trip, one commit. */
export function postgresDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('postgresql');
  const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp, quote: terms.quote };
  const sql = { ...createSql(context), ...claimSql(context), ...recordSql(context) };
  const prepared = new PreparedStatements();
  const query = queryWith(knex, prepared);
  const inTransaction = <T>(work: (trx: GroupTransaction) => Promise<T>) =>
    inPostgresTransaction(knex, prepared, sql, work);
  return {
    terms,
    commitsAtOnce: 2,
    isBlocking: false,
    insert: async (programs, db) => {
      const run = (text: string, values: readonly unknown[]) => query(db, text, values);
      await postgresTransaction({ read: run, run }, sql).insert(programs);
    },
    claimRung: async (runIds, { claimedBy, leaseMs }) => {
      const values = [claimedBy, claimedBy, leaseMs, ...oneOf(runIds), claimedBy];
      const rows = await query(knex, sql.claimRung(runIds.length), values);
      return rows.map(toClaimedProgram);
    },
    claimDue: async ({ limit, graceMs, fromMs }, { claimedBy, leaseMs }) => {
      const rows = await query(knex, sql.claimDue, [
        fromMs,
        graceMs,
        claimedBy,
        limit,
        claimedBy,
        claimedBy,
        leaseMs,
      ]);
      return rows.map(toClaimedProgram);
    },
    untilDueMs: async (graceMs) => waitOf(await query(knex, sql.untilDue, [graceMs, graceMs])),
    transition: async (changes, db) =>
      idsOf(await query(db, sql.transition(changes.length), transitionArrays(changes))),
    beginWork: () => Promise.resolve(),
    read: (text, values = []) => query(knex, text, values),
    // Nothing is compiled there, which takes 35 ms for a statement of 0.1 ms.
    survey: (text) => inTransaction((trx) => trx.read(text)),
    inTransaction,
    within: (trx) => {
      const run = (text: string, values: readonly unknown[]) => throughKnex(trx, text, values);
      return postgresTransaction({ read: run, run }, sql);
    },
    saveJobData: async (writes) => idsOf(await query(knex, sql.saveJobData, [jobDataJson(writes)])),
    renew: async (claims, leaseMs) => idsOf(await query(knex, sql.renew, [leaseMs, ...claimArrays(claims)])),
  };
}

/** Prepared on the pool's own connections. */
function queryWith(knex: Knex, prepared: PreparedStatements) {
  return async (db: Db, text: string, values: readonly unknown[]): Promise<Row[]> => {
    if (db.isTransaction) return throughKnex(db, text, values);
    return onRawConnection(knex, (connection: Client) => prepared.run(connection, text, values));
  };
}

/** In a caller's transaction, whose end knex watches. */
async function throughKnex(trx: Db, text: string, values: readonly unknown[]): Promise<Row[]> {
  const { rows }: { rows: Row[] } = await trx.raw(text, values as Knex.RawBinding[]);
  return rows;
}
