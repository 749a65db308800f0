import type { Knex } from 'knex';
import { cutSocket } from '../../cut-socket.js';
import { patienceWith } from './patience.js';

/** The part of knex's client that hands out connections; what they are depends on the driver. */
interface ConnectionPool {
  acquireConnection(): Promise<never>;
  releaseConnection(connection: unknown): Promise<void>;
}

/**
 * Runs `work` on the driver's own connection, from knex's pool and back to it. For the statements that are
 * sent thousands of times a second: knex would build and parse each of them anew. A connection on which
 * nothing is heard for too long is cut: it is half-open, and the driver would wait on it for ever.
 * @param work takes what the driver has: a `Client` of pg, say
 */
export async function onRawConnection<T>(
  knex: Knex,
  work: (connection: never) => Promise<T>,
  patience = patienceWith(knex),
): Promise<T> {
  const pool = knex.client as ConnectionPool;
  const connection = await pool.acquireConnection();
  const silence = setTimeout(() => {
    patience.onSilence();
    cutSocket(connection);
  }, patience.ms);
  try {
    const result = await work(connection);
    patience.onAnswer();
    return result;
  } finally {
    clearTimeout(silence);
    await pool.releaseConnection(connection);
  }
}
