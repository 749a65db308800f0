/** What the demo reads from the executor's own tables, and the table that its last job fills. */
import type { Knex } from 'knex';

export interface Totals {
  finished: number;
  errored: number;
}

export async function createPackagesTable(knex: Knex): Promise<void> {
  await knex.schema.createTable('packages', (table) => {
    table.string('run_id').notNullable();
    table.string('name').notNullable();
    table.string('version').notNullable();
    table.integer('files').notNullable();
    table.integer('bytes').notNullable();
    table.string('sha256').notNullable();
    table.string('licence').notNullable();
  });
}

export async function readTotals(knex: Knex): Promise<Totals> {
  const row = await knex('programs').count({ finished: 'finished_at', errored: 'errored_at' }).first();
  return { finished: Number(row?.['finished']), errored: Number(row?.['errored']) };
}

/** The programs that a worker has in its hands. */
export function heldBy(knex: Knex, workerId: string): Promise<string[]> {
  return knex('programs')
    .where('claimed_by', 'like', `${workerId}:%`)
    .whereNull('finished_at')
    .whereNull('errored_at')
    .pluck('run_id');
}

/** Programs of which some job was run again after a RetryableError. */
export async function countRetried(knex: Knex): Promise<number> {
  const rows = await knex('programs_attempts').where({ outcome: 'retried' }).distinct('program_id');
  return rows.length;
}

export async function countRecorded(knex: Knex): Promise<number> {
  const rows = await knex('packages').pluck('run_id');
  return rows.length;
}

/** The most frequent licences, first things first. */
export async function topLicences(knex: Knex, limit: number): Promise<[licence: string, packages: number][]> {
  const rows = await knex<{ licence: string }>('packages')
    .select('licence')
    .count({ packages: '*' })
    .groupBy('licence')
    .orderBy([{ column: 'packages', order: 'desc' }, 'licence'])
    .limit(limit);
  return rows.map(({ licence, packages }) => [licence, Number(packages)]);
}
