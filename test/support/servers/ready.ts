import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { probeRedis } from './redis-probe.js';

export interface WaitOptions {
  deadlineMs: number;
  signal?: AbortSignal | undefined;
  /** Gives up at once when this is false. */
  isRunning?: () => boolean;
}

const PROBE_TIMEOUT_MS = 5_000;

/** Resolves when the server behind the URL serves a client; rejects with the last error otherwise. */
export async function waitUntilReady(url: string, options: WaitOptions): Promise<void> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const failure = await probe(url);
    if (failure === undefined) return;
    if (performance.now() > end) throw failure;
    if (options.isRunning?.() === false) throw new Error('it has stopped by itself', { cause: failure });
    await delay(100, undefined, { signal: options.signal });
  }
}

async function probe(url: string): Promise<Error | undefined> {
  try {
    await clientFor(url)(url);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function clientFor(url: string): (url: string) => Promise<void> {
  const scheme = new URL(url).protocol;
  if (scheme.startsWith('redis')) return probeRedis;
  if (scheme.startsWith('postgres')) return probePostgres;
  return scheme.startsWith('amqp') ? probeRabbitmq : probeMysql;
}

async function probePostgres(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  // A server that is still starting may drop the connection later than it refused it.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
}

async function probeMysql(uri: string): Promise<void> {
  const connection = await createConnection({ uri, connectTimeout: PROBE_TIMEOUT_MS });
  await connection.end();
}

async function probeRabbitmq(url: string): Promise<void> {
  const connection = await connect(url, { timeout: PROBE_TIMEOUT_MS });
  connection.on('error', () => undefined);
  await connection.close();
}
