import type { Knex } from 'knex';
import { cutSocket } from '../cut-socket.js';
import { within } from '../within.js';

/** How long a server may take to say goodbye, in milliseconds; then its sockets are cut. */
const GOODBYE_MS = 2_000;
/** How long the pool may take to notice that, in milliseconds. */
const NOTICE_MS = 1_000;

/** Ends a pool, by force where its server does not answer. Resolves by a deadline of 3 s, whatever the server does. */
export async function closeDatabase(knex: Knex): Promise<void> {
  const destroyed = knex.destroy().then(() => true);
  // knex waits for every query under way, and for each connection's goodbye; there is no deadline of its own.
  if (await within(GOODBYE_MS, destroyed)) return;
  for (const connection of connectionsOf(knex)) cutSocket(connection);
  await within(NOTICE_MS, destroyed);
}

/** As tarn, knex's pool, keeps them. */
interface Pool {
  readonly used?: readonly { readonly resource: unknown }[];
  readonly free?: readonly { readonly resource: unknown }[];
}

function connectionsOf(knex: Knex): unknown[] {
  const { pool } = knex.client as { pool?: Pool };
  return [...(pool?.used ?? []), ...(pool?.free ?? [])].map(({ resource }) => resource);
}
