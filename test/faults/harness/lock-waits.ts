import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from '../../support/databases.js';
import { eventually } from '../../support/eventually.js';
import type { Scenario } from './scenario.js';

const WAITING = {
  postgres: `select pid as id from pg_stat_activity where wait_event_type = 'Lock'`,
  mysql: `select trx_mysql_thread_id as id from information_schema.innodb_trx where trx_state = 'LOCK WAIT'`,
};
/** MariaDB shows what it knew before to who asks more often than each 100 ms. */
const PAUSE_MS = 120;
const TERMINATE = { postgres: 'select pg_terminate_backend(?)', mysql: 'kill connection ?' };

/** Resolves with a connection whose statement waits for a lock; only one scenario runs at a time. */
export function waitingConnection({ knex }: Pick<Scenario, 'knex'>, database: TestDatabase): Promise<number> {
  return eventually('a statement waits for a lock', async () => {
    await delay(PAUSE_MS);
    const rows = await rowsOf(knex.raw(WAITING[serverKind(database)]));
    return rows[0]?.id;
  });
}

/** Ends a connection of somebody else in the middle of its statement. */
export async function terminate({ knex }: Scenario, database: TestDatabase, id: number): Promise<void> {
  await knex.raw(TERMINATE[serverKind(database)], [id]);
}

/** Which dialect a database on a server speaks. */
export function serverKind({ kind }: TestDatabase): 'postgres' | 'mysql' {
  if (kind === 'sqlite') throw new Error('SQLite has no server');
  return kind;
}

/** What knex gives for a raw query depends on the driver. */
async function rowsOf(query: PromiseLike<unknown>): Promise<{ id: number }[]> {
  const result = (await query) as { rows: { id: number }[] } | [{ id: number }[]];
  return Array.isArray(result) ? result[0] : result.rows;
}
