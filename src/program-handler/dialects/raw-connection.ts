import type { Knex } from 'knex';

/** The part of knex's client that hands out connections; what they are depends on the driver. */
interface ConnectionPool {
  acquireConnection(): Promise<never>;
  releaseConnection(connection: unknown): Promise<void>;
}

/**
 * Runs `work` on the driver's own connection, from knex's pool and back to it. For the statements that are
 * sent thousands of times a second: knex would build and parse each of them anew.
 * @param work takes what the driver has: a `Client` of pg, say
 */
export async function onRawConnection<T>(knex: Knex, work: (connection: never) => Promise<T>): Promise<T> {
  const pool = knex.client as ConnectionPool;
  const connection = await pool.acquireConnection();
  try {
    return await work(connection);
  } finally {
    await pool.releaseConnection(connection);
  }
}
