import type { Knex } from 'knex';
import { isMysql } from '../../migrations/migration.js';
import type { Dialect } from './dialects/dialect.js';
import { inOwnTransaction } from './own-transaction.js';

/**
 * Runs `work` in a transaction whose end cannot fail for a lock. MySQL and MariaDB would else lock the gaps between the
 * rows that it looks for, and the rows from which it inserts: those of programs that others are about to claim.
 */
export function transact<T>(
  knex: Knex,
  dialect: Dialect,
  work: (trx: Knex.Transaction) => PromiseLike<T>,
): Promise<T> {
  const options = isMysql(knex) ? { isolationLevel: 'read committed' as const } : {};
  return inOwnTransaction(
    knex,
    async (trx) => {
      await dialect.beginWork(trx);
      return work(trx);
    },
    options,
  );
}
