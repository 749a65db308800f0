import type { Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import { createDialect, type DialectChoice } from './dialects/create-dialect.js';
import type { Claim } from './dialects/dialect.js';

/** Extends leases; resolves with the ids of the claims that still hold. */
export type Renew = (claims: readonly Claim[]) => Promise<number[]>;

/** The one statement of the lease thread, on its own connection. */
export function createRenewal(knex: Knex, tableName: string, choice: DialectChoice, leaseMs: number): Renew {
  const dialect = createDialect(knex, tablesOf(tableName), choice);
  return (claims) => dialect.renew(claims, leaseMs);
}
