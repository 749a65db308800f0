import type { Knex } from 'knex';
import type { Row } from '../rows.js';
import type { Db } from './dialect.js';

/** Runs one SQLite statement; resolves with its rows, if it has any. */
export type SqliteQuery = (text: string, bindings: readonly unknown[]) => Promise<Row[]>;

/** The part of knex's client that hands out connections. */
interface ConnectionPool {
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
}

/** A query on a pool or on a caller's transaction. */
export function queryOn(db: Db): SqliteQuery {
  return async (text, bindings) => rowsOf(await db.raw(text, bindings as Knex.RawBinding[]));
}

/**
 * Runs `work` in a transaction that takes the write lock at its start. knex begins SQLite transactions
 * deferred: those may fail half-way, when another process wrote since their first read.
 */
export async function writing<T>(db: Db, work: (query: SqliteQuery) => Promise<T>): Promise<T> {
  if (db.isTransaction) return work(queryOn(db));
  const pool = db.client as ConnectionPool;
  const connection = await pool.acquireConnection();
  const query: SqliteQuery = async (text, bindings) =>
    rowsOf(await db.raw(text, bindings as Knex.RawBinding[]).connection(connection));
  try {
    await query('begin immediate', []);
    return await committed(query, work);
  } finally {
    await pool.releaseConnection(connection);
  }
}

async function committed<T>(query: SqliteQuery, work: (query: SqliteQuery) => Promise<T>): Promise<T> {
  try {
    const result = await work(query);
    await query('commit', []);
    return result;
  } catch (error) {
    // After some errors SQLite has rolled back already; the first error is the one worth reporting.
    await query('rollback', []).catch(() => undefined);
    throw error;
  }
}

function rowsOf(result: unknown): Row[] {
  return Array.isArray(result) ? (result as Row[]) : [];
}
