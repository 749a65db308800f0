import type { Knex } from 'knex';
import { inOwnTransaction } from '../own-transaction.js';
import type { Claim, Db } from './dialect.js';

/**
 * Writes one row after the other in a transaction, in the order of their ids, so that groups cannot deadlock.
 * @param write resolves with how many rows it changed
 */
export function changedIds<T extends Claim>(
  group: readonly T[],
  db: Db,
  write: (item: T, trx: Db) => PromiseLike<number>,
): Promise<number[]> {
  return inTransaction(db, async (trx) => {
    const ids: number[] = [];
    for (const item of [...group].sort((a, b) => a.id - b.id))
      if ((await write(item, trx)) === 1) ids.push(item.id);
    return ids;
  });
}

/** Within the caller's transaction, if it is one. */
export function inTransaction<T>(db: Db, work: (trx: Db) => Promise<T>): Promise<T> {
  return db.isTransaction ? work(db) : inOwnTransaction(db, work);
}

/** Whatever pool of the same database somebody gives, only the dialect's own is listened to. */
export function trxOr(knex: Knex, db: Db): Db {
  return db.isTransaction ? db : knex;
}
