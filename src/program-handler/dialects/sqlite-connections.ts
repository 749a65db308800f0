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

/** The statements of one synchronous connection, prepared when they are first run there. */
class Prepared {
  readonly #connection: SqliteConnection;
  readonly #statements = new Map<string, PreparedStatement>();

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  run({ text, values, answer }: Statement): readonly Row[] {
    if (answer === 'setting') return [this.#connection.prepare(text).run(values)];
    const statement = this.#statements.get(text) ?? this.#prepare(text);
    return answer === 'rows' ? statement.all(values) : [statement.run(values)];
  }

  #prepare(text: string): PreparedStatement {
    const statement = this.#connection.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}

/** Synchronous connections, each with the statements that were prepared on it. */
export class SqliteConnections {
  readonly #prepared = new WeakMap<SqliteConnection, Prepared>();

  /** Nothing else happens in this process meanwhile, so a transaction holds its lock no longer than it must. */
  runAtOnce<T>(connection: SqliteConnection, statements: Statements<T>): T {
    const prepared = this.#preparedOn(connection);
    let next = statements.next([]);
    while (!next.done) {
      try {
        next = statements.next(prepared.run(next.value));
      } catch (error) {
        next = statements.throw(error);
      }
    }
    return next.value;
  }

  #preparedOn(connection: SqliteConnection): Prepared {
    const known = this.#prepared.get(connection);
    if (known) return known;
    const prepared = new Prepared(connection);
    this.#prepared.set(connection, prepared);
    return prepared;
  }
}
