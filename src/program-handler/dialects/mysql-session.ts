import type { Knex } from 'knex';
import type { Row } from '../rows.js';
import type { Db } from './dialect.js';
import { onRawConnection } from './raw-connection.js';

/** One connection, for the statements of one operation. */
export interface Session {
  /** Runs a statement whose text changes from call to call. */
  query(text: string, values?: readonly unknown[]): Promise<Answer>;
  /** Runs a statement that stays prepared on the connection where the driver can do that. */
  execute(text: string, values: readonly unknown[]): Promise<Answer>;
}

/** The rows of a query, or how many a change met. */
interface Answer {
  readonly rows: Row[];
  readonly affectedRows: number;
}

/** A block of statements gives its rows within an array. */
type Result = Row[] | { readonly affectedRows: number };
type Callback = (error: Error | null, result: Result) => void;

/** A connection of mysql2, or of the older mysql, which prepares nothing. */
interface DriverConnection {
  query(text: string, values: readonly unknown[], callback: Callback): void;
  execute?(text: string, values: readonly unknown[], callback: Callback): void;
  destroy(): void;
}

/** The server, or a proxy before it, keeps no prepared statement (or no more of them); nothing was run. */
const NOT_PREPARED = new Set([
  'ER_UNSUPPORTED_PS',
  'ER_MAX_PREPARED_STMT_COUNT_REACHED',
  'ER_UNKNOWN_STMT_HANDLER',
]);

/** Read committed: with MySQL's default, locking a row that is not there, or no longer fits, locks others out. */
const BEGIN = ['set transaction isolation level read committed', 'start transaction'];

/** Runs a single statement: in the caller's transaction if `db` is one. */
export function onSession<T>(db: Db, work: (session: Session) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(knexSession(db));
  return onRawConnection(db, (connection: DriverConnection) => work(driverSession(connection)));
}

/**
 * Runs `work` in a transaction, which is rolled back when that rejects or resolves with undefined. In the
 * caller's transaction, if `db` is one, only the caller can do that.
 */
export function inTransaction<T>(db: Db, work: (session: Session) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(knexSession(db));
  return orRolledBack(db, async (session) => {
    for (const statement of BEGIN) await session.query(statement);
    const result = await work(session);
    await session.query(result === undefined ? 'rollback' : 'commit');
    return result;
  });
}

/** Runs `work`, which begins and ends a transaction itself; nothing stays of it when that rejects. */
export function orRolledBack<T>(knex: Knex, work: (session: Session) => Promise<T>): Promise<T> {
  return onRawConnection(knex, async (connection: DriverConnection) => {
    const session = driverSession(connection);
    try {
      return await work(session);
    } catch (error) {
      // What cannot be rolled back must not go back to the pool as it is.
      await session.query('rollback').catch(() => connection.destroy());
      throw error;
    }
  });
}

/** In a caller's transaction. */
export function knexSession(db: Db): Session {
  const query: Session['query'] = async (text, values = []) => {
    const [result] = (await db.raw(text, values as Knex.RawBinding[])) as [Result];
    return answerOf(result);
  };
  return { query, execute: query };
}

function driverSession(connection: DriverConnection): Session {
  const query: Session['query'] = (text, values = []) =>
    answered((callback) => connection.query(text, values, callback));
  const execute: Session['execute'] = async (text, values) => {
    try {
      return await answered((callback) => connection.execute?.(text, values, callback));
    } catch (error) {
      if (NOT_PREPARED.has(String((error as { code?: unknown }).code))) return query(text, values);
      throw error;
    }
  };
  return { query, execute: connection.execute ? execute : query };
}

function answered(send: (callback: Callback) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    send((error, result) => (error ? reject(error) : resolve(answerOf(result))));
  });
}

function answerOf(result: Result): Answer {
  if (!Array.isArray(result)) return { rows: [], affectedRows: result.affectedRows };
  const [first] = result;
  return { rows: Array.isArray(first) ? (first as Row[]) : result, affectedRows: 0 };
}
