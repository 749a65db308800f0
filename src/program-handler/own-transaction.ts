import type { Knex } from 'knex';
import { isPostgres, isSqlite } from '../../migrations/migration.js';

/** The part of knex's client that hands out connections. */
interface ConnectionPool {
  acquireConnection(): Promise<Connection>;
  releaseConnection(connection: Connection): Promise<void>;
}

/** With the name of the transaction that knex's events tell of it. */
interface Connection {
  __knexTxId?: string;
}

/** As knex sends what begins and ends a transaction. */
interface TransactionClient {
  query(connection: unknown, sql: unknown): Promise<{ response?: { command?: unknown } } | undefined>;
}

type Work<T> = (trx: Knex.Transaction) => PromiseLike<T>;

/** Runs `work` in a transaction of its own; what it resolves with has been committed. */
export async function inOwnTransaction<T>(
  knex: Knex,
  work: Work<T>,
  options: Knex.TransactionConfig = {},
): Promise<T> {
  const pool = knex.client as ConnectionPool;
  const connection = await pool.acquireConnection();
  const failed: { with?: unknown } = {};
  try {
    return await knex.transaction(begun(work, failed), { ...options, connection });
  } catch (error) {
    // Of a ROLLBACK that is refused too, knex tells that alone.
    if ('with' in failed) throw failed.with;
    // It gives a connection back as a refused COMMIT left it, and SQLite keeps the transaction open then.
    if (isSqlite(knex)) await rollBack(knex, connection);
    throw error;
  } finally {
    // Knex does so with connections that it takes by itself.
    delete connection.__knexTxId;
    await pool.releaseConnection(connection);
  }
}

function begun<T>(work: Work<T>, failed: { with?: unknown }) {
  return async (trx: Knex.Transaction): Promise<T> => {
    // Knex calls this also where BEGIN failed, and rejects with that error.
    if (trx.isCompleted()) throw new Error('The transaction has not begun');
    if (isPostgres(trx)) hearRollback(trx);
    try {
      return await work(trx);
    } catch (error) {
      failed.with = error;
      throw error;
    }
  };
}

/** PostgreSQL answers COMMIT with ROLLBACK where a statement was refused that nobody waited for: knex hears no error. */
function hearRollback(trx: Knex.Transaction): void {
  const client = trx.client as TransactionClient;
  const query = client.query.bind(client);
  client.query = async (connection, sql) => {
    const answer = await query(connection, sql);
    if (sql === 'COMMIT;' && answer?.response?.command === 'ROLLBACK')
      throw new Error(
        'The transaction was rolled back: one of its statements was refused, and not waited for',
      );
    return answer;
  };
}

async function rollBack(knex: Knex, connection: Connection): Promise<void> {
  await knex
    .raw('rollback')
    .connection(connection)
    .catch(() => undefined);
}
