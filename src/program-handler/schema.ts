import type { Knex } from 'knex';
import { migrations, type ExistingSchema } from '../../migrations/index.js';
import type { Logger } from '../telemetry/logger.js';
import { faultKind } from './database-faults.js';
import type { TableNames } from './dialects/dialect.js';
import { listeningKnex } from './dialects/listening-knex.js';
import { heard, repeating } from './repeating.js';
import { inspectCatalogue, inspectRows, inspectSchema } from './schema-inspection.js';
import { withSchemaLock } from './schema-lock.js';

/** The statements that would bring the tables up to date; none when they are. */
export async function planSchema(knex: Knex, tables: TableNames): Promise<string[]> {
  return pendingSql(knex, tables, await inspectSchema(knex, tables));
}

/**
 * Whether nothing is missing. Within a transaction that lasts, nobody who then adds what is missing waits for its end.
 */
export async function isUpToDate(knex: Knex, tables: TableNames): Promise<boolean> {
  return pendingSql(knex, tables, await inspectCatalogue(knex, tables)).length === 0;
}

/**
 * Creates the tables, or adds what is missing, under a lock; resolves with the statements that were run.
 * Only ever adds. Any number of processes may call it at once.
 */
export async function updateSchema(knex: Knex, tables: TableNames, logger: Logger): Promise<string[]> {
  return repeating('Creating the table', () => updateOnce(knex, tables, logger), mayBeDoneByNow);
}

/** A collision with another process that creates the same table reads as "exists already". */
function mayBeDoneByNow(error: unknown): boolean {
  return faultKind(error) === 'transient' || /already exists|duplicate/i.test(String(error));
}

async function updateOnce(knex: Knex, tables: TableNames, logger: Logger): Promise<string[]> {
  const catalogue = await heard(inspectCatalogue(listeningKnex(knex), tables));
  const existing = await inspectRows(knex, tables, catalogue);
  if (existing.hasDuplicateRunIds) logger.warn('duplicate-run-ids', { table: tables.programs });
  if (pendingSql(knex, tables, existing).length === 0) return [];
  const run: string[] = [];
  await withSchemaLock(knex, tables.programs, async (trx) => {
    // Another process may have done it while this one waited for the lock.
    for (const sql of await planSchema(trx, tables)) {
      await trx.raw(sql);
      run.push(sql);
    }
  });
  if (run.length > 0) logger.info('table-updated', { table: tables.programs, statements: run.length });
  return run;
}

function pendingSql(knex: Knex, tables: TableNames, existing: ExistingSchema): string[] {
  return migrations
    .flatMap((migration) => migration.pending(knex, tables, existing))
    .flatMap((builder) => builder.toSQL() as unknown as { sql: string }[])
    .map(({ sql }) => sql);
}
