import type { Knex } from 'knex';
import type { Claim } from './dialects/dialect.js';
import type { Row } from './rows.js';

/** Lets go of a program that was cancelled by hand, so that it can be resumed without waiting for the lease. */
export async function letGo(knex: Knex, table: string, { id, fence, claimedBy }: Claim): Promise<void> {
  await knex<Row>(table)
    .where({ id, fence, claimed_by: claimedBy })
    .update({ claimed_by: null, claimed_until: null });
}
