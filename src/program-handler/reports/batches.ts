import type { Knex } from 'knex';
import { withOpen } from '../lines/batch-row.js';
import { runningSql } from '../lines/running.js';
import { textOrNull, type Row } from '../rows.js';
import { batchStatus, type BatchCounts, type BatchStatus } from './batch-status.js';
import { countOf, dateOf } from './columns.js';
import { quoted, recentIn, selectFrom, type ReportSource } from './report-source.js';

export interface BatchSummary {
  readonly id: number;
  readonly code: string;
  readonly type: string | null;
  readonly status: BatchStatus;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
  readonly counts: BatchCounts;
}

const COLUMNS = [
  'id',
  'code',
  'type',
  'status',
  'is_paused',
  'total',
  'finished',
  'errored',
  'cancelled',
  'retried',
  'created_at',
  'completed_at',
];

/** Which batches to list; what is left out is not asked for. */
export interface BatchFilter {
  readonly status?: BatchStatus | undefined;
  readonly type?: string | undefined;
  readonly limit?: number | undefined;
}

/** The newest batches that a filter lets through. */
export async function listBatches(
  source: ReportSource,
  { status, type, limit = Infinity }: BatchFilter,
): Promise<BatchSummary[]> {
  const query = batchRows(source);
  if (type !== undefined) void query.where({ type });
  // What a batch is doing follows from more than its row, so it is looked at here.
  if (status === undefined && Number.isFinite(limit)) void query.limit(limit);
  const rows = await query;
  const running = await countRunning(source);
  return rows
    .map((row) => toSummary(row, running.get(countOf(row, 'id')) ?? 0))
    .filter((batch) => status === undefined || batch.status === status)
    .slice(0, limit);
}

export function findBatch(source: ReportSource, code: string): Promise<BatchSummary | undefined> {
  return findOne(source, (query) => query.where({ code }));
}

/** The one that was created last. */
export function latestBatch(source: ReportSource): Promise<BatchSummary | undefined> {
  return findOne(source, (query) => query);
}

async function findOne(
  source: ReportSource,
  narrow: (query: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<BatchSummary | undefined> {
  const row = ((await narrow(batchRows(source).limit(1))) as Row[])[0];
  if (!row) return undefined;
  const id = countOf(row, 'id');
  const running = await countRunning(source);
  return toSummary(row, running.get(id) ?? 0);
}

function batchRows({ knex, tables }: ReportSource) {
  return knex(tables.batches)
    .orderBy('id', 'desc')
    .select<Row[]>(...COLUMNS);
}

async function countRunning(source: ReportSource): Promise<ReadonlyMap<number, number>> {
  const { text, values } = runningSql(quoted(source), await recentIn(source));
  const rows = await selectFrom(source, { text: `(${text}) as running`, values }).select<Row[]>();
  return new Map(rows.map((row) => [countOf(row, 'batch_id'), countOf(row, 'running')]));
}

function toSummary(row: Row, running: number): BatchSummary {
  const counts = countsOf(row, running);
  return {
    id: countOf(row, 'id'),
    code: String(row['code']),
    type: textOrNull(row['type']),
    status: batchStatus(String(row['status']), countOf(row, 'is_paused') === 1, counts),
    createdAt: new Date(countOf(row, 'created_at')),
    completedAt: dateOf(row, 'completed_at'),
    counts,
  };
}

function countsOf(row: Row, running: number): BatchCounts {
  const counts = {
    total: countOf(row, 'total'),
    finished: countOf(row, 'finished'),
    errored: countOf(row, 'errored'),
    cancelled: countOf(row, 'cancelled'),
    retried: countOf(row, 'retried'),
  };
  return withOpen(counts, running);
}
