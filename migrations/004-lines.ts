import type { Knex } from 'knex';
import {
  addColumns,
  addPartialIndex,
  columnsOf,
  createTable,
  exactText,
  isMysql,
  isPostgres,
  lacksIndex,
  type ExistingSchema,
  type Migration,
  type NewColumns,
} from './migration.js';

/**
 * What programs wait in that have more than jobs and data: a batch, a pool, a priority, a callback. Added to the
 * table of programs, all null for the others:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | line_id | the line that it waits in | create, change of line | claim |
 * | ready_at | earliest start, epoch milliseconds; null when it has ended; it waits while it has no lease | create, retry, release, end, sweep | claim, sweep |
 * | batch_id | its batch | create | stats, people |
 * | cancelled_at | it ended because somebody cancelled it, epoch milliseconds | cancel, sweep; null again on resume, or when it ends otherwise | status, batches |
 * | options | JSON: what else its creator asked for | create | claim, end |
 *
 * `due_at` of a program that waits in a line, or runs from it, is GATED: no poll of the other programs sees it.
 *
 * Pools, each with its limits; the one without a name has none:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | name | what programs and jobs name | create, `pools.set` | create, people |
 * | max_parallelism, rate_requests, rate_window_ms | of all its programs together; null is without limit | `pools.set` | claim |
 * | key_max_parallelism, key_rate_requests, key_rate_window_ms | of those of each key | `pools.set` | claim |
 * | is_paused | 1: nothing of it is started | pause, resume | claim |
 * | missing, missing_at | what its rate's bucket lacked at that moment | claim | claim |
 * | held_until | nothing of it starts before, epoch milliseconds | rate limits; 0 again on resume | claim |
 * | open_at | when it may next be asked, epoch milliseconds; null while it is full | claim, end, rate limits, `pools.set` | claim |
 *
 * Lines, one for each pool, batch, key and priority that programs were created with:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | pool_id, batch_id, line_key, priority | whose line it is; batch 0 and key '' are none | create | claim |
 * | turn_at | when it may next be asked, epoch milliseconds: lines take turns; null: nobody waits, or its key is full | create, claim, end, sweep | claim |
 *
 * Meters, one for each key of a pool that was held or has a rate:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | pool_id, line_key | the key | claim, rate limits | claim |
 * | missing, missing_at | what the bucket of the key's rate lacked at that moment | claim | claim |
 * | held_until | the key starts nothing before, epoch milliseconds | rate limits | claim |
 *
 * Slots, one for each program that runs from a line, but for those of recent claims (migration 010); it counts while
 * the lease of the program does:
 *
 * | column | meaning | written by | read by |
 * |---|---|---|---|
 * | id | PostgreSQL: of what runs in a pool with limits it grows with time | database, from a sequence without a cache | claim |
 * | program_id, claimed_by | the run that holds it | claim, sweep, cancel; deleted by its end or the sweep | claim, sweep |
 * | line_id, pool_id, batch_id, line_key | what it counts for | claim | claim, stats |
 * | is_settled | 1: its program's end is counted already, as it was cancelled while it ran | cancel | sweep |
 */
export const lines: Migration = {
  name: '004-lines',
  pending: (knex, tables, existing) => [
    ...addColumns(knex, tables.programs, columnsOf(existing, tables.programs), COLUMNS),
    ...addProgramIndexes(knex, tables.programs, existing),
    ...createPools(knex, tables.pools, existing),
    ...createLines(knex, tables.lines, existing),
    ...createMeters(knex, tables.meters, existing),
    ...createSlots(knex, tables.slots, existing),
    ...numberSlots(knex, tables.slots, existing),
  ],
};

const COLUMNS: NewColumns = {
  line_id: (t) => void t.bigInteger('line_id').nullable(),
  ready_at: (t) => void t.bigInteger('ready_at').nullable(),
  batch_id: (t) => void t.bigInteger('batch_id').nullable(),
  cancelled_at: (t) => void t.bigInteger('cancelled_at').nullable(),
  options: (t) => void t.text('options', 'longtext').nullable(),
};

/** Programs that have nothing of all this are in neither. */
function addProgramIndexes(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  const [line, batch, ended] = [`${table}_line_index`, `${table}_batch_index`, `${table}_ended_index`];
  const isReady = knex.whereNotNull('ready_at');
  const isEndedByHand = knex.whereNotNull('ready_at').whereNotNull('errored_at');
  const isInBatch = knex.whereNotNull('batch_id');
  return [
    ...(lacksIndex(existing, table, line)
      ? addPartialIndex(knex, table, ['line_id', 'ready_at', 'id'], line, isReady)
      : []),
    ...(lacksIndex(existing, table, batch)
      ? addPartialIndex(knex, table, ['batch_id', 'id'], batch, isInBatch)
      : []),
    // Ended by hand: hardly ever more than a few. MySQL and MariaDB find them by the index of due programs.
    ...(!isMysql(knex) && lacksIndex(existing, table, ended)
      ? addPartialIndex(knex, table, ['id'], ended, isEndedByHand)
      : []),
  ];
}

function createPools(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  return createTable(knex, table, existing, (t) => {
    t.bigIncrements('id');
    exactText(knex, t, 'name');
    t.integer('max_parallelism').nullable();
    t.integer('rate_requests').nullable();
    t.bigInteger('rate_window_ms').nullable();
    t.integer('key_max_parallelism').nullable();
    t.integer('key_rate_requests').nullable();
    t.bigInteger('key_rate_window_ms').nullable();
    t.smallint('is_paused').notNullable().defaultTo(0);
    t.bigInteger('missing').notNullable().defaultTo(0);
    t.bigInteger('missing_at').notNullable().defaultTo(0);
    t.bigInteger('held_until').notNullable().defaultTo(0);
    t.bigInteger('open_at').nullable().defaultTo(0);
    t.unique(['name'], { indexName: `${table}_name_unique`, useConstraint: false });
  });
}

function createLines(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  return createTable(knex, table, existing, (t) => {
    t.bigIncrements('id');
    t.bigInteger('pool_id').notNullable();
    t.bigInteger('batch_id').notNullable().defaultTo(0);
    exactText(knex, t, 'line_key');
    t.integer('priority').notNullable().defaultTo(0);
    t.bigInteger('turn_at').nullable();
    const whose = ['pool_id', 'line_key', 'batch_id', 'priority'];
    t.unique(whose, { indexName: `${table}_whose_unique`, useConstraint: false });
    t.index(['pool_id', 'priority', 'turn_at', 'id'], `${table}_turn_index`);
    t.index(['batch_id'], `${table}_batch_index`);
  });
}

function createMeters(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  return createTable(knex, table, existing, (t) => {
    t.bigInteger('pool_id').notNullable();
    exactText(knex, t, 'line_key');
    t.bigInteger('missing').notNullable().defaultTo(0);
    t.bigInteger('missing_at').notNullable().defaultTo(0);
    t.bigInteger('held_until').notNullable().defaultTo(0);
    t.primary(['pool_id', 'line_key']);
  });
}

function createSlots(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  return createTable(knex, table, existing, (t) => {
    t.bigInteger('program_id').notNullable();
    exactText(knex, t, 'claimed_by');
    t.bigInteger('line_id').notNullable();
    t.bigInteger('pool_id').notNullable();
    t.bigInteger('batch_id').notNullable();
    exactText(knex, t, 'line_key');
    t.smallint('is_settled').notNullable().defaultTo(0);
    t.primary(['program_id', 'claimed_by']);
    if (!isPostgres(knex)) t.index(['pool_id', 'line_key'], `${table}_pool_index`);
  });
}

/**
 * PostgreSQL keeps slots that are gone in its indexes until it vacuums: in the order of their numbers, none that was
 * counted as gone is walked past again. Each slot is in one of the two indexes, so that both cost no more than one.
 */
function numberSlots(knex: Knex, table: string, existing: ExistingSchema): Knex.SchemaBuilder[] {
  if (!isPostgres(knex)) return [];
  const [number, key] = [`${table}_number_index`, `${table}_key_index`];
  const id: NewColumns = { id: (t) => void t.bigIncrements('id', { primaryKey: false }) };
  const hasKey = knex.whereRaw(`line_key <> ''`);
  const hasNoKey = knex.whereRaw(`line_key = ''`);
  return [
    ...addColumns(knex, table, columnsOf(existing, table), id),
    ...(lacksIndex(existing, table, number)
      ? addPartialIndex(knex, table, ['pool_id', 'id'], number, hasNoKey)
      : []),
    ...(lacksIndex(existing, table, key)
      ? addPartialIndex(knex, table, ['pool_id', 'line_key'], key, hasKey)
      : []),
  ];
}
