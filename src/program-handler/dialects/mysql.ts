import type { Knex } from 'knex';
import { idsOf, waitOf } from '../rows.js';
import type { Dialect, TableNames } from './dialect.js';
import { claimByKeys } from './mysql-claim.js';
import { claimSql, findSql } from './mysql-claim-sql.js';
import { writeGuarded } from './mysql-guarded.js';
import { attemptRows, claimRows, jobDataRows, programRows, transitionRows } from './mysql-rows.js';
import { onSession } from './mysql-session.js';
import { createSql, recordSql } from './mysql-sql.js';
import { Transactions } from './mysql-transactions.js';
import { sqlTermsOf } from './sql-terms.js';

/** MySQL 8 and MariaDB from 10.6: every operation is a short transaction over rows found by their keys. */
export function mysqlDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('mysql');
  const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp };
  const sql = { ...createSql(context), ...findSql(context), ...claimSql(context), ...recordSql(context) };
  const transactions = new Transactions(knex);
  const lockText = sql.lock;

  const query = (text: string, values: readonly unknown[]) =>
    onSession(knex, async (session) => (await session.query(text, values)).rows);

  return {
    terms,
    commitsAtOnce: 2,
    insert: async (programs, db) => {
      await onSession(db, (session) => session.execute(sql.insert, [programRows(programs)]));
    },
    claimRung: (runIds, terms) => claimByKeys(transactions, sql.byRunId, [...runIds].sort(), terms),
    claimDue: async ({ limit, graceMs, fromMs }, terms) => {
      const ids = idsOf(await query(sql.findDue, [fromMs, graceMs, terms.claimedBy, limit]));
      return ids.length > 0 ? claimByKeys(transactions, sql.byId, ids.sort(ascending), terms) : [];
    },
    untilDueMs: async (graceMs) => waitOf(await query(sql.untilDue, [graceMs, graceMs])),
    transition: (changes, db) =>
      writeGuarded(transactions, db, changes, {
        lockText,
        statements: (group) => {
          const attempts = attemptRows(group);
          return [
            { text: sql.transition, values: [transitionRows(group)] },
            ...(attempts ? [{ text: sql.logAttempts, values: [attempts] }] : []),
          ];
        },
      }),
    beginWork: () => Promise.resolve(),
    saveJobData: (writes) =>
      writeGuarded(transactions, knex, writes, {
        lockText,
        statements: (group) => [{ text: sql.saveJobData, values: [jobDataRows(group)] }],
      }),
    renew: (claims, leaseMs) =>
      writeGuarded(transactions, knex, claims, {
        lockText,
        statements: (group) => [{ text: sql.renew, values: [claimRows(group), leaseMs] }],
      }),
  };
}

const ascending = (a: number, b: number) => a - b;
