import type { Knex } from 'knex';
import { cutSocket } from '../cut-socket.js';
import { ClosedError } from '../errors/index.js';
import { within } from '../within.js';
import { connectionsUnderWay } from './connections-under-way.js';

/** How long a server may take to say goodbye, in milliseconds; then its sockets are cut. */
const GOODBYE_MS = 2_000;
/** How long the pool may take to notice that, in milliseconds. */
const NOTICE_MS = 1_000;

/** As tarn, knex's pool, keeps them. */
interface Pool {
  readonly used?: readonly { readonly resource: unknown }[];
  readonly free?: readonly { readonly resource: unknown }[];
  readonly pendingAcquires?: readonly { reject(error: Error): void }[];
  readonly destroyed?: boolean;
}

interface Client {
  /** None once it is destroyed. */
  readonly pool?: Pool;
  acquireConnection(): Promise<unknown>;
}

/**
 * Ends a pool, by force where its server does not answer. Resolves by a deadline of 3 s, whatever the server does.
 * Queries that have a connection may end; all others are refused with a `ClosedError`.
 */
export async function closeDatabase(knex: Knex): Promise<void> {
  const client = knex.client as Client;
  const { pool } = client;
  refuseFromNowOn(client);
  const destroyed = knex.destroy().then(() => true);
  if (pool) refuseWaiting(pool);
  // knex waits for every query under way, and for each connection's goodbye; there is no deadline of its own.
  if (await within(GOODBYE_MS, destroyed)) return;
  for (const connection of connectionsOf(client)) cutSocket(connection);
  await within(NOTICE_MS, destroyed);
}

/** tarn serves nobody any more once it is destroyed, and lets who comes then wait for a minute. */
function refuseFromNowOn(client: Client): void {
  client.acquireConnection = () => Promise.reject(closed());
}

/** Left alone, they would wait for all queries under way, and hear no more than `aborted` then. */
function refuseWaiting({ pendingAcquires = [], destroyed }: Pool): void {
  // A pool that knex was given goes on, and serves them.
  if (destroyed) for (const acquire of pendingAcquires) acquire.reject(closed());
}

function closed(): ClosedError {
  return new ClosedError('query');
}

function connectionsOf(client: Client): unknown[] {
  const { used = [], free = [] } = client.pool ?? {};
  const made = [...used, ...free].map(({ resource }) => resource);
  return [...made, ...connectionsUnderWay(client)];
}
