import type { Knex } from 'knex';
import { addColumns, columnsOf, lacksIndex, type Migration, type NewColumns } from './migration.js';

/**
 * What claiming needs, added to the table of programs:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | fence | grows by one with every claim and intervention; from 0, or from 1 where no hint follows | create, claim, interventions | every write, poll |
 * | due_at | earliest start, epoch milliseconds of the database clock | create, retry, defer, release, resume; claim of a parked row | claim, poll |
 * | claimed_by | the claim's token: the worker's id (host, pid, UUID) and a number | claim; null again at the end of a run | every write, expire |
 * | claimed_until | end of the lease, epoch milliseconds | claim, lease keeper, expire | claim, poll |
 * | lost_count | claims in a row on this step whose worker never came back | claim; 0 again by any transition | claim |
 */
export const claims: Migration = {
  name: '002-claims',
  pending: (knex, tables, existing) => [
    ...addColumns(knex, tables.programs, columnsOf(existing, tables.programs), COLUMNS),
    ...addDueIndex(
      knex,
      tables.programs,
      lacksIndex(existing, tables.programs, `${tables.programs}_due_at_index`),
    ),
  ],
};

/** 2^53 - 1, so that an old table's rows are not due: none of them starts by itself. */
const PARKED = '9007199254740991';

const COLUMNS: NewColumns = {
  fence: (t) => void t.bigInteger('fence').notNullable().defaultTo(0),
  due_at: (t) => void t.bigInteger('due_at').notNullable().defaultTo(PARKED),
  claimed_by: (t) => void t.string('claimed_by', 255).nullable(),
  claimed_until: (t) => void t.bigInteger('claimed_until').nullable(),
  lost_count: (t) => void t.integer('lost_count').notNullable().defaultTo(0),
};

/** claimed_until is in no index, so that renewing a lease stays cheap. */
function addDueIndex(knex: Knex, table: string, isMissing: boolean): Knex.SchemaBuilder[] {
  if (!isMissing) return [];
  const name = `${table}_due_at_index`;
  const { dialect } = knex.client as { dialect: string };
  if (dialect !== 'postgresql' && dialect !== 'sqlite3')
    return [
      knex.schema.alterTable(table, (t) => void t.index(['finished_at', 'errored_at', 'due_at'], name)),
    ];
  const predicate = knex.whereNull('finished_at').whereNull('errored_at');
  return [knex.schema.alterTable(table, (t) => void t.index(['due_at'], name, { predicate }))];
}
