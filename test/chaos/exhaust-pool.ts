import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';

/** Holds every connection of a pool for so long, as an application's own queries may. */
export async function exhaustPool(knex: Knex, forMs: number): Promise<void> {
  const { pool } = knex.client as { pool: { max: number } };
  const all = Array.from({ length: pool.max }, () => hold(knex, forMs));
  await Promise.allSettled(all);
}

async function hold(knex: Knex, forMs: number): Promise<void> {
  const transaction = await knex.transaction();
  await delay(forMs);
  await transaction.rollback();
}
