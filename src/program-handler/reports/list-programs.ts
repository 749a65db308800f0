import { effectivePolicy } from '../../program/effective-policy.js';
import type { ProgramOptions } from '../../program/program-options.js';
import { chunksOf } from '../chunks-of.js';
import { JsonColumns, textOrNull, type Row } from '../rows.js';
import { countOf, dateOf, numberOr } from './columns.js';
import { conditionOf, statusColumn, type ProgramStatus } from './conditions.js';
import type { ReportSource } from './report-source.js';

/** Programs named in one statement: databases take so many values in one, and no more. */
const CHUNK = 1_000;

/** Which programs to list; what is left out is not asked for. */
export interface ProgramFilter {
  readonly batchId?: number | undefined;
  readonly status?: ProgramStatus | undefined;
  /** Of the batch. */
  readonly type?: string | undefined;
  /** At which it stands. */
  readonly job?: string | undefined;
  readonly limit: number;
}

export interface ListedProgram {
  readonly runId: string;
  readonly batch: string | null;
  readonly job: string | null;
  readonly status: ProgramStatus;
  /** Executions of its job, with the one under way. */
  readonly attempts: number;
  /** Null: as many as its executor or job allows. */
  readonly maxAttempts: number | null;
  readonly createdAt: Date | null;
  readonly endedAt: Date | null;
  /** Of a program that has not finished. */
  readonly error: string | null;
}

/** The newest programs that a filter lets through. */
export async function listPrograms(source: ReportSource, filter: ProgramFilter): Promise<ListedProgram[]> {
  const rows = await select(source, filter);
  const executions = await countExecutions(
    source,
    rows.filter(hasEnded).map((row) => countOf(row, 'id')),
  );
  return rows.map((row) => toListed(row, executions));
}

function select(source: ReportSource, { batchId, status, type, job, limit }: ProgramFilter): Promise<Row[]> {
  const { knex, tables, terms, currentJob } = source;
  const query = knex(`${tables.programs} as p`)
    .leftJoin(`${tables.batches} as b`, 'b.id', 'p.batch_id')
    .orderBy('p.id', 'desc')
    .limit(limit)
    .select<Row[]>(
      'p.id',
      'p.run_id',
      'p.step',
      'p.step_retry_count',
      'p.error_message',
      'p.options',
      'b.code as batch',
      knex.raw(`${currentJob} as job`),
      knex.raw(`${statusColumn(terms)} as status`),
      knex.raw(`${terms.epochMs('p.created_at')} as created_at`),
      knex.raw(`${terms.epochMs('coalesce(p.finished_at, p.errored_at)')} as ended_at`),
    );
  if (batchId !== undefined) void query.where('p.batch_id', batchId);
  if (status !== undefined) void query.whereRaw(conditionOf(status, terms));
  if (type !== undefined) void query.where('b.type', type);
  if (job !== undefined) void query.whereRaw(`${currentJob} = ?`, [job]);
  return Promise.resolve(query);
}

/** How often each step of these programs was executed, by program and step. */
async function countExecutions(
  { knex, tables }: ReportSource,
  ids: readonly number[],
): Promise<ReadonlyMap<string, number>> {
  const executions = new Map<string, number>();
  for (const chunk of chunksOf(ids, CHUNK)) {
    const rows = await knex(tables.attempts)
      .whereIn('program_id', chunk)
      .groupBy('program_id', 'step')
      .max('attempt as attempt')
      .select<Row[]>('program_id', 'step');
    for (const row of rows)
      executions.set(`${countOf(row, 'program_id')}:${countOf(row, 'step')}`, countOf(row, 'attempt'));
  }
  return executions;
}

function toListed(row: Row, executions: ReadonlyMap<string, number>): ListedProgram {
  const status = row['status'] as ProgramStatus;
  const executed = executions.get(`${countOf(row, 'id')}:${countOf(row, 'step')}`) ?? 0;
  const underWay = status === 'running' ? 1 : 0;
  return {
    runId: String(row['run_id']),
    batch: textOrNull(row['batch']),
    job: textOrNull(row['job']),
    status,
    attempts: hasEnded(row) ? executed : countOf(row, 'step_retry_count') + underWay,
    maxAttempts: maxAttemptsOf(row),
    createdAt: dateOf(row, 'created_at'),
    endedAt: dateOf(row, 'ended_at'),
    error: status === 'finished' ? null : textOrNull(row['error_message']),
  };
}

function hasEnded(row: Row): boolean {
  return numberOr(row, 'ended_at', null) !== null;
}

/** What its job or its executor allow is not in the database. */
function maxAttemptsOf(row: Row): number | null {
  const { retry = true } = new JsonColumns(row).object('options') as ProgramOptions;
  const maxAttempts = retry === true ? Infinity : effectivePolicy(retry).maxAttempts;
  return Number.isFinite(maxAttempts) ? maxAttempts : null;
}
