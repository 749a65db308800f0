import type { Knex } from 'knex';

const LOCK_WAIT_SECONDS = 60;

type Work = (trx: Knex.Transaction) => Promise<void>;

/**
 * Runs `work` while no other process changes the same tables. Where the database has no lock for that,
 * two may collide: then one of them gets an error and finds, when it looks again, that all is done.
 */
export function withSchemaLock(knex: Knex, table: string, work: Work): Promise<void> {
  const { dialect } = knex.client as { dialect: string };
  if (dialect === 'postgresql') return inPostgresLock(knex, table, work);
  if (dialect === 'mysql') return inMysqlLock(knex, table, work);
  return knex.transaction(work);
}

async function inPostgresLock(knex: Knex, table: string, work: Work): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(hashtext(?))', [lockName(table)]);
    await work(trx);
  });
}

async function inMysqlLock(knex: Knex, table: string, work: Work): Promise<void> {
  // A transaction only to stay on one connection, to which the lock belongs; schema statements commit by themselves.
  await knex.transaction(async (trx) => {
    await trx.raw('select get_lock(?, ?)', [lockName(table), LOCK_WAIT_SECONDS]);
    try {
      await work(trx);
    } finally {
      await trx.raw('select release_lock(?)', [lockName(table)]);
    }
  });
}

// MySQL allows 64 characters.
const lockName = (table: string) => `program-executor:${table}`.slice(0, 64);
