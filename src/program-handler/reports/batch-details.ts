import { textOrNull, type Row } from '../rows.js';
import { countOf, dateOf, numberOr } from './columns.js';
import { conditionOf } from './conditions.js';
import { ErrorGroups, type ErrorPattern } from './error-patterns.js';
import type { ReportSource } from './report-source.js';

/** How long the jobs of a batch took. */
export interface BatchTiming {
  readonly executions: number;
  readonly averageMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly firstStartedAt: Date | null;
  readonly lastEndedAt: Date | null;
  /** Of one job. */
  readonly mostAttempts: number;
}

export interface BatchRetries {
  /** Programs that were retried at least once. */
  readonly programs: number;
  readonly finished: number;
  readonly errored: number;
}

export interface Interruption {
  readonly reason: string;
  readonly message: string;
  readonly createdAt: Date;
}

export interface LastError {
  readonly runId: string;
  readonly message: string;
  readonly erroredAt: Date;
}

const EXECUTED = ['succeeded', 'failed', 'ignored', 'retried'];
/** Programs whose messages are counted in one statement. */
const PAGE = 50_000;
const MOST_INTERRUPTIONS = 10;

export async function batchTiming(source: ReportSource, batchId: number): Promise<BatchTiming> {
  const { knex, tables } = source;
  const took = 'a.finished_at - a.started_at';
  const [row] = await knex(`${tables.programs} as p`)
    .join(`${tables.attempts} as a`, 'a.program_id', 'p.id')
    .where('p.batch_id', batchId)
    .whereIn('a.outcome', EXECUTED)
    .select<Row[]>(
      knex.raw('count(*) as executions'),
      knex.raw(`avg(${took}) as average_ms`),
      knex.raw(`min(${took}) as min_ms`),
      knex.raw(`max(${took}) as max_ms`),
      knex.raw('min(a.started_at) as first_started_at'),
      knex.raw('max(a.finished_at) as last_ended_at'),
      knex.raw('max(a.attempt) as most_attempts'),
    );
  return {
    executions: countOf(row, 'executions'),
    averageMs: numberOr(row, 'average_ms', null),
    minMs: numberOr(row, 'min_ms', null),
    maxMs: numberOr(row, 'max_ms', null),
    firstStartedAt: dateOf(row ?? {}, 'first_started_at'),
    lastEndedAt: dateOf(row ?? {}, 'last_ended_at'),
    mostAttempts: countOf(row, 'most_attempts'),
  };
}

export async function batchRetries(source: ReportSource, batchId: number): Promise<BatchRetries> {
  const { knex, tables, terms } = source;
  const countIf = (condition: string, name: string) =>
    knex.raw(`sum(case when ${condition} then 1 else 0 end) as ${name}`);
  const [programs] = await knex(`${tables.programs} as p`)
    .where('p.batch_id', batchId)
    .whereExists(
      knex(`${tables.attempts} as a`)
        .select(knex.raw('1'))
        .whereRaw('a.program_id = p.id')
        .where('a.outcome', 'retried'),
    )
    .select<Row[]>(
      knex.raw('count(*) as programs'),
      countIf(conditionOf('finished', terms), 'finished'),
      countIf(conditionOf('errored', terms), 'errored'),
    );
  return {
    programs: countOf(programs, 'programs'),
    finished: countOf(programs, 'finished'),
    errored: countOf(programs, 'errored'),
  };
}

/** The errors of its programs that failed, those alike together. */
export async function batchErrors(
  source: ReportSource,
  batchId: number,
  limit: number,
): Promise<ErrorPattern[]> {
  const groups = new ErrorGroups();
  let rows: Row[];
  let afterId = 0;
  do {
    rows = await pageOfMessages(source, batchId, afterId);
    for (const row of rows) {
      groups.add(messageOf(row), countOf(row, 'count'));
      afterId = Math.max(afterId, countOf(row, 'last_id'));
    }
  } while (rows.length > 0);
  return groups.top(limit);
}

/** Each message of the next programs, how often it is there, and the last of these: every program may have its own. */
function pageOfMessages(source: ReportSource, batchId: number, afterId: number): Promise<Row[]> {
  const page = errored(source, batchId)
    .where('p.id', '>', afterId)
    .orderBy('p.id')
    .limit(PAGE)
    .select('p.id', 'p.error_message')
    .as('page');
  const query = source.knex
    .from(page)
    .groupBy('error_message')
    .orderBy('count', 'desc')
    .count('* as count')
    .max('id as last_id')
    .select<Row[]>('error_message');
  return Promise.resolve(query);
}

/** What failed last. */
export async function lastErrors(source: ReportSource, batchId: number, limit: number): Promise<LastError[]> {
  const { knex, terms } = source;
  const rows = await errored(source, batchId)
    .orderBy([
      { column: 'p.errored_at', order: 'desc' },
      { column: 'p.id', order: 'desc' },
    ])
    .limit(limit)
    .select<Row[]>('p.run_id', 'p.error_message', knex.raw(`${terms.epochMs('p.errored_at')} as ended_at`));
  return rows.map((row) => ({
    runId: String(row['run_id']),
    message: messageOf(row),
    erroredAt: new Date(countOf(row, 'ended_at')),
  }));
}

/** Newest first. */
export async function batchInterruptions(source: ReportSource, batchId: number): Promise<Interruption[]> {
  const rows = await source
    .knex(source.tables.interruptions)
    .where({ batch_id: batchId })
    .orderBy('id', 'desc')
    .limit(MOST_INTERRUPTIONS)
    .select<Row[]>('reason', 'message', 'created_at');
  return rows.map((row) => ({
    reason: String(row['reason']),
    message: String(row['message']),
    createdAt: new Date(countOf(row, 'created_at')),
  }));
}

function errored({ knex, tables, terms }: ReportSource, batchId: number) {
  return knex(`${tables.programs} as p`).where('p.batch_id', batchId).whereRaw(conditionOf('errored', terms));
}

function messageOf(row: Row): string {
  return textOrNull(row['error_message']) ?? 'no message';
}
