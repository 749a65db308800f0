import type { Knex } from 'knex';
import type { Row } from '../rows.js';
import type { Dialect, GroupTransaction, TableNames } from './dialect.js';
import {
  claimDue,
  claimRung,
  insert,
  renew,
  saveJobData,
  takeWriteLock,
  transition,
  untilDue,
} from './sqlite-groups.js';
import { leavingInTurn } from './leave-in-turn.js';
import { SqliteSession, type RunStatements } from './sqlite-session.js';
import { sqliteSql, type SqliteSql } from './sqlite-sql.js';
import { doing, reading, type Statement, type Statements } from './sqlite-statements.js';
import { sqlTermsOf } from './sql-terms.js';

/** SQLite 3.42 or newer, through any of knex's SQLite clients. One writer at a time, whole groups each time. */
export function sqliteDialect(knex: Knex, tables: TableNames): Dialect {
  const terms = sqlTermsOf('sqlite3');
  const sql = sqliteSql(tables, terms);
  const session = new SqliteSession(knex);
  const transactionOf = (run: RunStatements) => leavingInTurn(transactionWith(sql, run), tables.slots, terms);
  return {
    terms,
    commitsAtOnce: 1,
    isBlocking: true,
    insert: (programs, db) => session.write(insert(sql, programs), db),
    claimRung: (runIds, claim) => session.writeUnsynced(claimRung(sql, runIds, claim)),
    claimDue: (search, claim) => session.writeUnsynced(claimDue(sql, search, claim)),
    untilDueMs: (graceMs) => session.read(untilDue(sql, graceMs)),
    transition: (changes, db) => session.write(transition(sql, changes), db),
    inTransaction: (work) => session.inTransaction((run) => work(transactionOf(run))),
    read: (text, values = []) => session.read(one(reading(text, values))),
    survey: (text) => session.read(one(reading(text, []))),
    within: (trx) => transactionOf((statements) => session.write(statements, trx)),
    beginWork: (trx) => session.write(takeWriteLock(sql), trx),
    saveJobData: (writes) => session.write(saveJobData(sql, writes)),
    renew: (claims, leaseMs) => session.writeUnsynced(renew(sql, claims, leaseMs)),
  };
}

function transactionWith(sql: SqliteSql, run: RunStatements): Omit<GroupTransaction, 'leave'> {
  return {
    read: (text, values = []) => run(one(reading(text, values))),
    run: (text, values) => run(one(doing(text, values))),
    transition: (changes) => run(transition(sql, changes)),
    insert: (programs) => run(insert(sql, programs)),
  };
}

function* one(statement: Statement): Statements<readonly Row[]> {
  return yield statement;
}
