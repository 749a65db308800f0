import type { Knex } from 'knex';
import {
  hasTable,
  isPostgres,
  isSqlite,
  lacksIndex,
  useUtf8,
  type ExistingSchema,
  type Migration,
} from './migration.js';

/**
 * The runs of single jobs, append-only, written together with the transition they led to:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | program_id | id of the program | transition | results, people |
 * | step, job, attempt | which job, and its how-many-eth attempt | transition | results, unknown jobs, people |
 * | outcome | succeeded, retried, failed, ignored, yielded, stopped, deferred, skipped | transition | the same |
 * | worker | host and pid | transition | people |
 * | started_at, finished_at | epoch milliseconds of the database clock | transition | unknown jobs, people |
 * | error | JSON: name, message, code, stack, cause | transition | people |
 * | result | JSON of what the job returned | transition | results |
 */
export const attempts: Migration = {
  name: '003-attempts',
  pending: (knex, tables, existing) => {
    const table = tables.attempts;
    const create = knex.schema.createTable(table, (t) => {
      useUtf8(knex, t);
      addId(knex, t);
      t.bigInteger('program_id').notNullable();
      t.integer('step').notNullable();
      t.string('job', 255).notNullable();
      t.integer('attempt').notNullable();
      t.string('outcome', 32).notNullable();
      t.string('worker', 255).notNullable();
      t.bigInteger('started_at').notNullable();
      t.bigInteger('finished_at').notNullable();
      t.text('error', 'longtext').nullable();
      t.text('result', 'longtext').nullable();
    });
    return [...(hasTable(existing, table) ? [] : [create]), ...addProgramIndex(knex, table, existing)];
  },
};

/** Without SQLite's `autoincrement`, which writes to another table with each row. */
function addId(knex: Knex, t: Knex.CreateTableBuilder): void {
  if (isSqlite(knex)) void t.specificType('id', 'integer not null primary key');
  else void t.bigIncrements('id', { primaryKey: !isPostgres(knex) });
}

/**
 * Finds the attempts of a program. PostgreSQL has it as the primary key: every step of every program adds a
 * row, so one index less is felt. The others need an index that begins with the counted column.
 */
function addProgramIndex(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  const index = `${table}_program_id_index`;
  if (!lacksIndex(existing, table, index)) return [];
  const add = (t: Knex.AlterTableBuilder): void => {
    if (isPostgres(knex)) void t.primary(['program_id', 'id'], { constraintName: index });
    else void t.index(['program_id'], index);
  };
  return [knex.schema.alterTable(table, add)];
}
