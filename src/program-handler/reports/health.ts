import type { Knex } from 'knex';
import { planSchema } from '../schema.js';
import { inspectSchema } from '../schema-inspection.js';
import { describeFault } from '../database-faults.js';
import { WHOLE_QUEUE } from '../control/queue-pause.js';
import { GATED, PARKED } from '../dialects/dialect.js';
import { IS_ACTIVE } from '../lines/line-tables.js';
import type { Row } from '../rows.js';
import { WorkerRegistry } from '../worker-registry.js';
import { countOf } from './columns.js';
import { conditionOf, UNENDED } from './conditions.js';
import type { ReportSource } from './report-source.js';

/** Rows that somebody should have dealt with by now. */
const LATE_AFTER_MS = 5 * 60_000;

export interface RowCounts {
  readonly unended: number;
  /** Of these, those that are of no batch for which a worker of its own is alive. */
  readonly unattended: number;
  /** Their lease ended more than five minutes ago, and nobody took them over. */
  readonly abandoned: number;
  /** Due for more than five minutes, and nobody has claimed them. */
  readonly overdue: number;
  readonly oldestOverdueMs: number;
  /** For a worker that runs all programs: overdue ones, and those in lines, but for batches that start nothing. */
  readonly waiting: number;
  /** Rows of an older installation, which do not start by themselves. */
  readonly parked: number;
}

/** Who starts programs. */
export interface Attendance {
  /** A worker that runs all programs was seen within the last two minutes. */
  readonly isAnyoneAlive: boolean;
  /** The whole queue is paused. */
  readonly isPaused: boolean;
}

export interface SchemaState {
  /** Statements that would bring the tables up to date. */
  readonly pending: number;
  readonly hasDuplicateRunIds: boolean;
}

/** A table that this user may not write to, and the database's word for it. */
export interface RefusedWrite {
  readonly table: string;
  readonly message: string;
}

export async function schemaState({ knex, tables }: ReportSource): Promise<SchemaState> {
  const { hasDuplicateRunIds } = await inspectSchema(knex, tables);
  return { pending: (await planSchema(knex, tables)).length, hasDuplicateRunIds };
}

/** How far the clock of the database is ahead of this machine's, in milliseconds, to half a round trip. */
export async function clockDifferenceMs({ knex, terms }: ReportSource): Promise<number> {
  const before = Date.now();
  const [row] = await knex.select<Row[]>(knex.raw(`${terms.nowMs} as now_ms`));
  return countOf(row, 'now_ms') - (before + Date.now()) / 2;
}

/** Writes that concern no row, to see whether they are allowed. */
export async function refusedWrites({ knex, tables }: ReportSource): Promise<RefusedWrite[]> {
  const refused: RefusedWrite[] = [];
  for (const table of Object.values({ ...tables })) {
    const message = await refusalOf(knex, table);
    if (message !== undefined) refused.push({ table, message });
  }
  return refused;
}

async function refusalOf(knex: Knex, table: string): Promise<string | undefined> {
  const columns = Object.keys(await knex(table).columnInfo());
  const [first] = columns;
  // Whether tables are missing is another question.
  if (first === undefined) return undefined;
  const none = () => knex(table).whereRaw('1 = 0');
  try {
    await none().update({ [first]: knex.ref(first) });
    await none().delete();
    await knex(knex.raw('?? (??)', [table, knex.raw(columns.map(() => '??').join(', '), columns)])).insert(
      none().select(columns),
    );
    return undefined;
  } catch (error) {
    return describeFault(error).error_message;
  }
}

/** One pass over the rows that have not ended. */
export async function countRows({ knex, tables, terms }: ReportSource): Promise<RowCounts> {
  const codes = new WorkerRegistry(knex, tables, terms).attendedBatches();
  const attended = knex(tables.batches).whereIn('code', codes).select('id');
  const notForAll = knex(tables.batches)
    .whereIn('code', codes)
    .orWhereNot((query) => void query.whereRaw(IS_ACTIVE))
    .select('id');
  const lateMs = `${terms.nowMs} - ${LATE_AFTER_MS}`;
  const overdue = `p.claimed_by is null and p.due_at <= ${lateMs}`;
  const inLine = `p.claimed_by is null and p.due_at = ${GATED}`;
  const countIf = (condition: string, name: string) =>
    knex.raw(`sum(case when ${condition} then 1 else 0 end) as ${name}`);
  const [row] = await knex(`${tables.programs} as p`)
    .whereRaw(UNENDED)
    .select<Row[]>(
      knex.raw('count(*) as unended'),
      knex.raw('sum(case when p.batch_id in (?) then 0 else 1 end) as unattended', [attended]),
      countIf(`${conditionOf('waiting', terms)} and p.claimed_until <= ${lateMs}`, 'abandoned'),
      countIf(overdue, 'overdue'),
      knex.raw(
        `sum(case when p.batch_id in (?) then 0 when ${overdue} or ${inLine} then 1 else 0 end) as waiting`,
        [notForAll],
      ),
      countIf(`p.due_at = ${PARKED}`, 'parked'),
      knex.raw(`max(case when ${overdue} then ${terms.nowMs} - p.due_at else 0 end) as oldest_ms`),
    );
  return {
    unended: countOf(row, 'unended'),
    unattended: countOf(row, 'unattended'),
    abandoned: countOf(row, 'abandoned'),
    overdue: countOf(row, 'overdue'),
    waiting: countOf(row, 'waiting'),
    oldestOverdueMs: countOf(row, 'oldest_ms'),
    parked: countOf(row, 'parked'),
  };
}

export async function attendance({ knex, tables, terms }: ReportSource): Promise<Attendance> {
  const pause = knex(tables.pools).where({ name: WHOLE_QUEUE, is_paused: 1 });
  return {
    isAnyoneAlive: await new WorkerRegistry(knex, tables, terms).isAnyoneAlive(),
    isPaused: (await pause.first<Row | undefined>('id')) !== undefined,
  };
}
