import { createTable, exactText, type Migration } from './migration.js';

/**
 * What people did to programs from outside, append-only, written together with what it changed:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | call_id | of the call, so that one that is repeated is carried out once | any intervention | the same |
 * | program_id | id of the program; null where it is about many | any intervention | people |
 * | kind | cancel, resume, retry, skipStep, editJobData, cancelAll, pauseQueue, resumeQueue | any intervention | people |
 * | made_by, reason | who and why | any intervention | people |
 * | details | JSON: what else was asked for | any intervention | people |
 * | programs | how many it changed; `cancelAll` counts on with each page | any intervention | cancelAll, people |
 * | created_at | epoch milliseconds of the database clock | any intervention | people |
 */
export const interventions: Migration = {
  name: '007-interventions',
  pending: (knex, { interventions: table }, existing) =>
    createTable(knex, table, existing, (t) => {
      t.bigIncrements('id');
      exactText(knex, t, 'call_id');
      t.bigInteger('program_id').nullable();
      t.string('kind', 32).notNullable();
      t.string('made_by', 255).notNullable();
      t.string('reason', 255).nullable();
      t.text('details', 'longtext').nullable();
      t.bigInteger('programs').notNullable().defaultTo(0);
      t.bigInteger('created_at').notNullable();
      t.unique(['call_id'], { indexName: `${table}_call_unique`, useConstraint: false });
      t.index(['program_id'], `${table}_by_program`);
    }),
};
