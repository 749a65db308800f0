import type { Knex } from 'knex';

/**
 * Resolves when a transaction is over, with all that it is nested in. False: it was rolled back because of an
 * error; of a rollback without one knex says nothing.
 */
export async function endOf(transaction: Knex.Transaction | undefined): Promise<boolean> {
  try {
    for (let trx = transaction; trx; trx = trx.parentTransaction) await trx.executionPromise;
    return true;
  } catch {
    return false;
  }
}
