import type { Knex } from 'knex';
import { createTable, exactText, type ExistingSchema, type Migration } from './migration.js';

/**
 * Batches of programs:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | code, type, metadata | what its creator calls it | create | people |
 * | interruption, on_complete | JSON: its criteria, and the job that is told of its end | create | end of a program, end of the batch |
 * | status | active, interrupted, completed or cancelled | end of a program, interrupt, resume, cancel, complete | claim, people |
 * | is_paused | 1: nothing of it is started | pause, resume | claim |
 * | total, finished, errored, cancelled, retried | its programs, and their retries so far | create of a program, end of a program | stats |
 * | consecutive_errors, rate_limit_hits, server_errors | since it was last resumed | end of a program, resume | end of a program |
 * | errored_before | `errored` when it was last resumed: the criteria count from there | resume | end of a program |
 * | sealed_at | no programs are being added any more, so it may complete | add programs | end of a program |
 * | created_at, resumed_at, completed_at | epoch milliseconds | create, resume, end | criteria, people |
 *
 * Interruptions of batches, append-only: reason, message, and the statistics at that moment as JSON; written by
 * whatever interrupts, read by people.
 */
export const batches: Migration = {
  name: '005-batches',
  pending: (knex, tables, existing) => [
    ...createBatches(knex, tables.batches, existing),
    ...createInterruptions(knex, tables.interruptions, existing),
  ],
};

function createBatches(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  return createTable(knex, table, existing, (t) => {
    t.bigIncrements('id');
    exactText(knex, t, 'code');
    t.string('type', 255).nullable();
    t.text('metadata', 'longtext').nullable();
    t.text('interruption', 'longtext').nullable();
    t.text('on_complete', 'longtext').nullable();
    t.string('status', 16).notNullable().defaultTo('active');
    t.smallint('is_paused').notNullable().defaultTo(0);
    t.bigInteger('total').notNullable().defaultTo(0);
    t.bigInteger('finished').notNullable().defaultTo(0);
    t.bigInteger('errored').notNullable().defaultTo(0);
    t.bigInteger('cancelled').notNullable().defaultTo(0);
    t.bigInteger('retried').notNullable().defaultTo(0);
    t.bigInteger('errored_before').notNullable().defaultTo(0);
    t.integer('consecutive_errors').notNullable().defaultTo(0);
    t.integer('rate_limit_hits').notNullable().defaultTo(0);
    t.integer('server_errors').notNullable().defaultTo(0);
    t.bigInteger('sealed_at').nullable();
    t.bigInteger('created_at').notNullable();
    t.bigInteger('resumed_at').nullable();
    t.bigInteger('completed_at').nullable();
    t.unique(['code'], { indexName: `${table}_code_unique`, useConstraint: false });
  });
}

function createInterruptions(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  return createTable(knex, table, existing, (t) => {
    t.bigIncrements('id');
    t.bigInteger('batch_id').notNullable();
    t.string('reason', 64).notNullable();
    t.string('message', 255).notNullable();
    t.text('statistics', 'longtext').notNullable();
    t.bigInteger('created_at').notNullable();
    t.index(['batch_id'], `${table}_batch_index`);
  });
}
