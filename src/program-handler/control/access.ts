import type { Knex } from 'knex';
import type { PayloadLimits } from '../../program/json-payload.js';
import type { Dialect, TableNames } from '../dialects/dialect.js';
import type { LineTables } from '../lines/line-tables.js';
import { repeatingHeard } from '../repeating.js';
import { transact } from '../transact.js';

/** What statements work with that come from people and not from runs. */
export interface Access {
  readonly knex: Knex;
  readonly tables: TableNames;
  readonly dialect: Dialect;
  readonly lines: LineTables;
  /** Programs were created together with the end of others: callbacks. */
  readonly onCreated: (runIds: readonly string[]) => void;
  readonly payloadLimits: PayloadLimits;
  /** Creates the tables unless that is done, or left to `migrate`. */
  ensureTable(): Promise<void>;
}

/** Runs `work`, which must be repeatable, in a transaction whose end cannot fail for a lock. */
export async function inTransaction<T>(
  { knex, dialect, ensureTable }: Access,
  what: string,
  work: (trx: Knex.Transaction) => Promise<T>,
): Promise<T> {
  await ensureTable();
  return repeatingHeard(what, () => transact(knex, dialect, work));
}
