import { createTable, exactText, type Migration } from './migration.js';

/**
 * The workers on this table, one row each, as long as they run:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | id | the worker's id (host, pid, UUID) | first heartbeat; deleted when the worker stops, or a day after it was last seen | turns at upkeep, people |
 * | host, pid | where it runs | first heartbeat | people |
 * | version | of this package | first heartbeat | people |
 * | jobs | JSON: the names of the jobs it knows | first heartbeat | people |
 * | slots | jobs that it runs at once, at most | first heartbeat | people |
 * | running | jobs that it runs | heartbeat | people |
 * | event_loop_lag_ms | how late its timers were at most since the last heartbeat | heartbeat | people |
 * | started_at | epoch milliseconds of the database clock | first heartbeat | people |
 * | seen_at | the last heartbeat, by the same clock; in no index, so that a heartbeat stays cheap | heartbeat | turns at upkeep, people |
 */
export const workers: Migration = {
  name: '006-workers',
  pending: (knex, tables, existing) =>
    createTable(knex, tables.workers, existing, (t) => {
      void exactText(knex, t, 'id').primary();
      t.string('host', 255).notNullable();
      t.integer('pid').notNullable();
      t.string('version', 64).notNullable();
      t.text('jobs', 'longtext').notNullable();
      t.integer('slots').notNullable();
      t.integer('running').notNullable();
      t.bigInteger('event_loop_lag_ms').notNullable();
      t.bigInteger('started_at').notNullable();
      t.bigInteger('seen_at').notNullable();
    }),
};
