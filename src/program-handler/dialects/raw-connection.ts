import type { Knex } from 'knex';

/** The part of knex's client that hands out connections. */
interface ConnectionPool<Connection> {
  acquireConnection(): Promise<Connection>;
  releaseConnection(connection: Connection): Promise<void>;
}

/**
 * Runs `work` on the driver's own connection, from knex's pool and back to it. For the statements that are
 * sent thousands of times a second: knex would build and parse each of them anew.
 */
export async function onRawConnection<Connection, T>(
  knex: Knex,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const pool = knex.client as ConnectionPool<Connection>;
  const connection = await pool.acquireConnection();
  try {
    return await work(connection);
  } finally {
    await pool.releaseConnection(connection);
  }
}
