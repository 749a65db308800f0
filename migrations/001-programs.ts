import type { Knex } from 'knex';
import {
  columnsOf,
  hasTable,
  isMysql,
  isPostgres,
  lacksIndex,
  useUtf8,
  type Migration,
} from './migration.js';

/**
 * The table of programs, with the columns of `@emartech/program-executor`:
 *
 * | column | written by | read by |
 * |---|---|---|
 * | id | database | every write, as its address |
 * | run_id | create | hints, people |
 * | jobs, program_data | create | claim |
 * | job_data | create, job data handler | claim |
 * | step | advance | claim |
 * | step_retry_count | retry; 0 again on advance and finish | claim |
 * | finished_at | finish | every statement |
 * | errored_at | fail, cancel, people who cancel by hand | every statement |
 * | error_message | retry, fail, defer, cancel | people |
 * | created_at | create | people |
 * | updated_at | every write but those that only move the end of a lease | people |
 */
export const programs: Migration = {
  name: '001-programs',
  pending: (knex, tables, existing) => [
    ...createTable(knex, tables.programs, hasTable(existing, tables.programs)),
    ...addUpdatedAt(knex, tables.programs, columnsOf(existing, tables.programs)),
    ...addUniqueRunId(
      knex,
      tables.programs,
      !existing.hasDuplicateRunIds &&
        lacksIndex(existing, tables.programs, `${tables.programs}_run_id_unique`),
    ),
  ],
};

function createTable(knex: Knex, table: string, exists: boolean): Knex.SchemaBuilder[] {
  if (exists) return [];
  return [
    knex.schema.createTable(table, (t) => {
      useUtf8(knex, t);
      t.bigIncrements('id');
      const runId = t.string('run_id', 255).notNullable();
      // Its default collation takes "a" and "A" for one and the same.
      if (isMysql(knex)) void runId.collate('utf8mb4_bin');
      t.jsonb('program_data').notNullable();
      t.jsonb('jobs').notNullable();
      t.jsonb('job_data').notNullable();
      t.integer('step').notNullable().defaultTo(0);
      t.integer('step_retry_count').notNullable().defaultTo(0);
      t.timestamp('finished_at', { precision: 3 }).nullable();
      t.timestamp('errored_at', { precision: 3 }).nullable();
      t.string('error_message', 255).nullable();
      t.timestamp('created_at', { precision: 3 }).nullable();
      t.timestamp('updated_at', { precision: 3 }).nullable();
    }),
    ...leaveRoom(knex, table),
  ];
}

/**
 * Each row is rewritten with its claim and with every step. Where its page has room for that, PostgreSQL
 * touches no index and reuses the space of older versions at once; in full pages hardly any update can. With 40,
 * which takes a quarter less disk, plain programs ran as fast, and those of a batch, whose rows are longer, 7 % slower.
 */
function leaveRoom(knex: Knex, table: string): Knex.SchemaBuilder[] {
  return isPostgres(knex) ? [knex.schema.raw(`alter table "${table}" set (fillfactor = 30)`)] : [];
}

/** Tables made before version 2.5 of the older library have none. */
function addUpdatedAt(knex: Knex, table: string, columns: ReadonlySet<string>): Knex.SchemaBuilder[] {
  if (columns.size === 0 || columns.has('updated_at')) return [];
  return [knex.schema.alterTable(table, (t) => void t.timestamp('updated_at', { precision: 3 }).nullable())];
}

function addUniqueRunId(knex: Knex, table: string, isMissing: boolean): Knex.SchemaBuilder[] {
  if (!isMissing) return [];
  return [
    knex.schema.alterTable(
      table,
      (t) => void t.unique(['run_id'], { indexName: `${table}_run_id_unique`, useConstraint: false }),
    ),
  ];
}
