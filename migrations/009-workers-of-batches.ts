import { addColumns, columnsOf, type Migration } from './migration.js';

/**
 * Workers that run the programs of one batch alone. Added to the workers:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | batch_code | code of that batch; null: the worker runs all programs | first heartbeat | why, people |
 */
export const workersOfBatches: Migration = {
  name: '009-workers-of-batches',
  pending: (knex, { workers }, existing) =>
    addColumns(knex, workers, columnsOf(existing, workers), {
      batch_code: (t) => void t.string('batch_code', 255).nullable(),
    }),
};
