import type { Row } from '../rows.js';
import type { Statement, Statements } from './sqlite-statements.js';

/** The part of better-sqlite3's connection that is used here. */
export interface SqliteConnection {
  prepare(text: string): PreparedStatement;
}

interface PreparedStatement {
  all(values: readonly unknown[]): Row[];
  run(values: readonly unknown[]): { readonly changes: number | bigint };
}

/** Synchronous connections, each with the statements that were prepared on it. */
export class SqliteConnections {
  readonly #prepared = new WeakMap<SqliteConnection, Map<string, PreparedStatement>>();

  /** Nothing else happens in this process meanwhile, so a transaction holds its lock no longer than it must. */
  runAtOnce<T>(connection: SqliteConnection, statements: Statements<T>): T {
    let next = statements.next([]);
    while (!next.done) {
      try {
        next = statements.next(this.#run(connection, next.value));
      } catch (error) {
        next = statements.throw(error);
      }
    }
    return next.value;
  }

  #run(connection: SqliteConnection, { text, values, answer }: Statement): readonly Row[] {
    const statement = this.#prepare(connection, text);
    return answer === 'rows' ? statement.all(values) : [statement.run(values)];
  }

  #prepare(connection: SqliteConnection, text: string): PreparedStatement {
    const prepared = this.#prepared.get(connection) ?? new Map<string, PreparedStatement>();
    this.#prepared.set(connection, prepared);
    const statement = prepared.get(text) ?? connection.prepare(text);
    prepared.set(text, statement);
    return statement;
  }
}
