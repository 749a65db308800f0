import type { Knex } from 'knex';
import { readProperty } from '../errors/index.js';
import { faultKind } from './database-faults.js';

const NAME = 'program_executor';

/** Knex dialects of databases that have savepoints which can be released. */
const HAVE_SAVEPOINTS: ReadonlySet<unknown> = new Set(['postgresql', 'mysql', 'sqlite3']);

/** The transaction of a job is over before the job has ended. */
const ENDED =
  'context.transaction: the transaction was ended within, so that the step is not complete. Leave commit and rollback ' +
  'to it; let deadlocks pass, which end it; on MySQL and MariaDB change no schema in it';

export function endedWithin(cause?: unknown): Error {
  return new Error(ENDED, cause === undefined ? {} : { cause });
}

/**
 * A savepoint, by which `requireSame` knows this transaction again. A deadlock on MySQL and MariaDB, an engine's own
 * rollback and a schema statement end a transaction; what follows would be committed by itself.
 */
export async function markTransaction(trx: Knex.Transaction): Promise<void> {
  if (hasSavepoints(trx)) await trx.raw(`savepoint ${NAME}`);
}

/** @throws Error where it is another one by now, or none */
export async function requireSame(trx: Knex.Transaction): Promise<void> {
  if (!hasSavepoints(trx)) return;
  try {
    await trx.raw(`release savepoint ${NAME}`);
  } catch (error) {
    // Refused for the connection, or for a statement before it, it is told as it is.
    throw faultKind(error) === 'transient' ? error : endedWithin(error);
  }
}

function hasSavepoints(trx: Knex.Transaction): boolean {
  return HAVE_SAVEPOINTS.has(readProperty(trx.client, 'dialect'));
}
