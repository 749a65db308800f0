import type { Knex } from 'knex';
import { readProperty, SchemaLockedError } from '../errors/index.js';

const LOCK_WAIT_SECONDS = 60;
/** SQLSTATE of PostgreSQL. */
const LOCK_NOT_AVAILABLE = '55P03';

type Work = (trx: Knex.Transaction) => Promise<void>;

/**
 * Runs `work` while no other process changes the same tables. Where the database has no lock for that,
 * two may collide: then one of them gets an error and finds, when it looks again, that all is done.
 * @throws SchemaLockedError when somebody else holds the lock for so long, whose process may be gone
 */
export function withSchemaLock(
  knex: Knex,
  table: string,
  work: Work,
  waitSeconds = LOCK_WAIT_SECONDS,
): Promise<void> {
  const { dialect } = knex.client as { dialect: string };
  const locked = { table, waitSeconds, work };
  if (dialect === 'postgresql') return knex.transaction((trx) => inPostgresLock(trx, locked));
  // A transaction only to stay on one connection, to which the lock belongs; schema statements commit by themselves.
  if (dialect === 'mysql') return knex.transaction((trx) => inMysqlLock(trx, locked));
  return knex.transaction(work);
}

interface Locked {
  readonly table: string;
  readonly waitSeconds: number;
  readonly work: Work;
}

async function inPostgresLock(trx: Knex.Transaction, { table, waitSeconds, work }: Locked): Promise<void> {
  const before = await setLockTimeout(trx, `${waitSeconds}s`);
  try {
    await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [lockName(table)]);
  } catch (error) {
    throw readProperty(error, 'code') === LOCK_NOT_AVAILABLE
      ? new SchemaLockedError(table, waitSeconds)
      : error;
  }
  // The locks of schema statements are waited for as the caller's settings say.
  await setLockTimeout(trx, before);
  await work(trx);
}

/** Until the end of the transaction; resolves with what it was. */
async function setLockTimeout(trx: Knex.Transaction, value: string): Promise<string> {
  const { rows } = await trx.raw<{ rows: [{ before: string }] }>(
    `select current_setting('lock_timeout') as before, set_config('lock_timeout', ?, true)`,
    [value],
  );
  return rows[0].before;
}

async function inMysqlLock(trx: Knex.Transaction, { table, waitSeconds, work }: Locked): Promise<void> {
  const answer: unknown = await trx.raw('select get_lock(?, ?) as is_held', [lockName(table), waitSeconds]);
  const [[row]] = answer as [[{ is_held: unknown }]];
  // NULL, too: something went wrong.
  if (Number(row.is_held) !== 1) throw new SchemaLockedError(table, waitSeconds);
  try {
    await work(trx);
  } finally {
    await trx.raw('select release_lock(?)', [lockName(table)]);
  }
}

// MySQL allows 64 characters.
const lockName = (table: string) => `program-executor:${table}`.slice(0, 64);
