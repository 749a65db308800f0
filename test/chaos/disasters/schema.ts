import type { World } from '../world.js';
import type { Disaster } from './disaster.js';

const TABLES = ['', '_attempts'];
/** Columns that the audit does not look at: its trigger could not write without them. */
const COLUMNS = ['due_at', 'claimed_until'];

/** What is renamed is as good as dropped to whoever looks for it, and keeps what is to be judged. */
const away = (name: string): string => `${name}_away`;

/** Each takes a table, or a part of one, out of sight. */
export const SCHEMA_DISASTERS: readonly Disaster[] = [
  {
    name: 'a table is missing',
    strike: async ({ knex, table }, random) => {
      const missing = table + random.pick(TABLES);
      await knex.schema.renameTable(missing, away(missing));
      return missing;
    },
    lastsMs: [100, 3_000],
    undo: async ({ knex, table }) => {
      for (const name of TABLES.map((suffix) => table + suffix))
        if (await knex.schema.hasTable(away(name))) await knex.schema.renameTable(away(name), name);
    },
  },
  {
    name: 'a column is missing',
    strike: async (world, random) => {
      const missing = random.pick(COLUMNS);
      await renameColumn(world, missing, away(missing));
      return missing;
    },
    lastsMs: [100, 3_000],
    undo: async (world) => {
      for (const name of COLUMNS)
        if (await world.knex.schema.hasColumn(world.table, away(name)))
          await renameColumn(world, away(name), name);
    },
  },
];

/** knex would make SQLite's table anew, without its triggers, and give MariaDB's column its type once more. */
async function renameColumn({ knex, table }: World, from: string, to: string): Promise<void> {
  await knex.raw('alter table ?? rename column ?? to ??', [table, from, to]);
}
