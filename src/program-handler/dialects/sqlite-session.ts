import type { Knex } from 'knex';
import type { Row } from '../rows.js';
import type { Db } from './dialect.js';
import { onRawConnection } from './raw-connection.js';
import { SqliteConnections, type SqliteConnection } from './sqlite-connections.js';
import {
  beginning,
  committed,
  committing,
  rolledBack,
  type Statement,
  type Statements,
} from './sqlite-statements.js';
import { syncLevel, unsynced } from './sqlite-unsynced.js';

export type RunStatements = <T>(statements: Statements<T>) => Promise<T>;

/**
 * Runs statements at once where the driver is synchronous: on better-sqlite3 and what behaves like it.
 * knex's other client for SQLite, and a caller's transaction, take them one by one.
 */
export class SqliteSession {
  readonly #knex: Knex;
  readonly #connections = new SqliteConnections();
  readonly #syncLevels = new WeakMap<SqliteConnection, number | undefined>();
  readonly #isSynchronous: boolean;

  constructor(knex: Knex) {
    this.#knex = knex;
    this.#isSynchronous = (knex.client as { driverName: string }).driverName === 'better-sqlite3';
  }

  /** In a transaction of its own, or within the caller's. */
  write<T>(statements: Statements<T>, db: Db = this.#knex): Promise<T> {
    if (db.isTransaction) return oneByOne(statements, (statement) => throughKnex(db, statement));
    return this.read(committed(statements));
  }

  /**
   * In a transaction of its own, for what need not outlive the machine: which says who works on what, say. When the
   * machine loses its power, nobody does any more.
   */
  writeUnsynced<T>(statements: Statements<T>): Promise<T> {
    return onRawConnection(this.#knex, async (connection: SqliteConnection) => {
      const level = await this.#syncLevelOf(connection);
      const transaction = committed(statements);
      return this.#runOn(connection, level === undefined ? transaction : unsynced(transaction, level));
    });
  }

  /** In no transaction. */
  read<T>(statements: Statements<T>): Promise<T> {
    return onRawConnection(this.#knex, (connection: SqliteConnection) => this.#runOn(connection, statements));
  }

  /** Several groups of statements in one transaction; `work` must wait for nothing else. */
  inTransaction<T>(work: (run: RunStatements) => Promise<T>): Promise<T> {
    return onRawConnection(this.#knex, async (connection: SqliteConnection) => {
      const run: RunStatements = (statements) => this.#runOn(connection, statements);
      await run(beginning());
      try {
        const result = await work(run);
        await run(committing());
        return result;
      } catch (error) {
        await run(rolledBack());
        throw error;
      }
    });
  }

  async #syncLevelOf(connection: SqliteConnection): Promise<number | undefined> {
    if (!this.#syncLevels.has(connection))
      this.#syncLevels.set(connection, await this.#runOn(connection, syncLevel()));
    return this.#syncLevels.get(connection);
  }

  async #runOn<T>(connection: SqliteConnection, statements: Statements<T>): Promise<T> {
    if (this.#isSynchronous) return this.#connections.runAtOnce(connection, statements);
    return oneByOne(statements, (statement) => throughKnex(this.#knex, statement, connection));
  }
}

async function oneByOne<T>(
  statements: Statements<T>,
  run: (statement: Statement) => Promise<readonly Row[]>,
): Promise<T> {
  let next = statements.next([]);
  while (!next.done) {
    try {
      next = statements.next(await run(next.value));
    } catch (error) {
      next = statements.throw(error);
    }
  }
  return next.value;
}

/** Not every client tells how many rows a statement changed, so those that were are asked for. */
async function throughKnex(db: Db, { text, values, answer }: Statement, connection?: object): Promise<Row[]> {
  const query = db.raw(answer === 'changes' ? `${text} returning id` : text, values as Knex.RawBinding[]);
  const result: unknown = await (connection ? query.connection(connection) : query);
  const rows = Array.isArray(result) ? (result as Row[]) : [];
  return answer === 'changes' ? [{ changes: rows.length }] : rows;
}
