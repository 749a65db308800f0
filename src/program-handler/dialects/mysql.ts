import type { Knex } from 'knex';
import { idsOf, waitOf } from '../rows.js';
import type { Transition } from '../../program/transition.js';
import type { Dialect, GroupTransaction, TableNames } from './dialect.js';
import { leavingInTurn } from './leave-in-turn.js';
import { claimByKeys } from './mysql-claim.js';
import { claimSql, findSql } from './mysql-claim-sql.js';
import { writeGuarded, writeHeld, type GroupWrite } from './mysql-guarded.js';
import { attemptRows, claimRows, jobDataRows, programRows, transitionRows } from './mysql-rows.js';
import { inTransaction, knexSession, onSession, type Session } from './mysql-session.js';
import { createSql, recordSql } from './mysql-sql.js';
import { Transactions } from './mysql-transactions.js';
import { sqlTermsOf } from './sql-terms.js';

/** MySQL 8 and MariaDB from 10.6: every operation is a short transaction over rows found by their keys. */
export function mysqlDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('mysql');
  const context = { ...tables, now: terms.nowMs, timestamp: terms.timestamp, quote: terms.quote };
  const sql = { ...createSql(context), ...findSql(context), ...claimSql(context), ...recordSql(context) };
  const transactions = new Transactions(knex);
  const lockText = sql.lock;

  const query = (text: string, values: readonly unknown[]) =>
    onSession(knex, async (session) => (await session.query(text, values)).rows);

  const transitions = transitionWrite(sql);
  const transactionOn = (session: Session) =>
    leavingInTurn(transactionOf(session, sql, transitions), tables.slots, terms);

  return {
    terms,
    commitsAtOnce: 2,
    isBlocking: false,
    insert: async (programs, db) => {
      await onSession(db, (session) => transactionOn(session).insert(programs));
    },
    claimRung: (runIds, terms) => claimByKeys(transactions, sql.byRunId, [...runIds].sort(), terms),
    claimDue: async ({ limit, graceMs, fromMs }, terms) => {
      const ids = idsOf(await query(sql.findDue, [fromMs, graceMs, terms.claimedBy, limit]));
      return ids.length > 0 ? claimByKeys(transactions, sql.byId, ids.sort(ascending), terms) : [];
    },
    untilDueMs: async (graceMs) => waitOf(await query(sql.untilDue, [graceMs, graceMs])),
    transition: (changes, db) => writeGuarded(transactions, db, changes, transitions),
    beginWork: () => Promise.resolve(),
    inTransaction: async (work) => {
      const done = await inTransaction(knex, async (session) => ({
        value: await work(transactionOn(session)),
      }));
      return done.value;
    },
    read: (text, values = []) => query(text, values),
    survey: (text) => query(text, []),
    within: (trx) => transactionOn(knexSession(trx)),
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

type MysqlSql = ReturnType<typeof createSql> & ReturnType<typeof recordSql>;

function transitionWrite(sql: MysqlSql): GroupWrite<Transition> {
  return {
    lockText: sql.lock,
    statements: (group) => {
      const attempts = attemptRows(group);
      return [
        { text: sql.transition, values: [transitionRows(group)] },
        ...(attempts ? [{ text: sql.logAttempts, values: [attempts] }] : []),
      ];
    },
  };
}

function transactionOf(
  session: Session,
  sql: MysqlSql,
  transitions: GroupWrite<Transition>,
): Omit<GroupTransaction, 'leave'> {
  return {
    read: async (text, values = []) => (await session.query(text, values)).rows,
    run: (text, values) => session.query(text, values),
    transition: (changes) => writeHeld(session, changes, transitions),
    insert: (programs) => session.execute(sql.insert, [programRows(programs)]),
  };
}

const ascending = (a: number, b: number) => a - b;
