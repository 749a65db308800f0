import { createTable, exactText, type Migration } from './migration.js';

/**
 * The idempotency keys that programs were created with. A key counts for as long as its program is there:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | idempotency_key | the key | create | create |
 * | run_id | the program that was created with it | create; anew when that program is gone | create, prune |
 * | digest | of that program, SHA-256 in hex | with run_id | create |
 * | created_at | epoch milliseconds of the database clock | with run_id | people |
 */
export const keys: Migration = {
  name: '008-keys',
  pending: (knex, { keys: table }, existing) =>
    createTable(knex, table, existing, (t) => {
      exactText(knex, t, 'idempotency_key');
      exactText(knex, t, 'run_id');
      t.string('digest', 64).notNullable();
      t.bigInteger('created_at').notNullable();
      t.primary(['idempotency_key']);
      t.index(['run_id'], `${table}_run_id_index`);
    }),
};
