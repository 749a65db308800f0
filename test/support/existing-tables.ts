import type { Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';

/** The names of an executor's tables that the database has; that of the programs comes first. */
export async function existingTables(knex: Knex, programs: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of Object.values(tablesOf(programs)))
    if (await knex.schema.hasTable(name)) names.push(name);
  return names;
}
