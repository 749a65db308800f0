import { createTable, exactText, type Migration } from './migration.js';

/**
 * Claims of the last second from the pool without a name, which has no limits: each is written down as a whole. What of
 * it runs for longer gets a slot, and the claim is deleted.
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | claimed_by, claimed_at | the claim, and when it was made, epoch milliseconds | claim; deleted by the sweep | sweep |
 * | program_ids | JSON: ids of the programs by the id of their line, at most 200 | claim | sweep, stats |
 */
export const recentClaims: Migration = {
  name: '010-recent-claims',
  pending: (knex, { recentClaims: table }, existing) =>
    createTable(knex, table, existing, (t) => {
      t.bigIncrements('id');
      exactText(knex, t, 'claimed_by');
      t.bigInteger('claimed_at').notNullable();
      t.text('program_ids').notNullable();
    }),
};
