import type { Knex } from 'knex';
import { stateOf, type ProgramState } from '../../program/status.js';
import { PARKED } from '../dialects/dialect.js';
import { JsonColumns, numberOrNull, textOrNull, type Row } from '../rows.js';
import type { Access } from './access.js';

/** A program as whoever intervenes finds it, locked. */
export interface FoundProgram {
  readonly id: number;
  readonly runId: string;
  readonly state: ProgramState;
  readonly jobs: readonly string[];
  /** What of its row cannot be read, and is empty. */
  readonly fault: string | undefined;
  readonly step: number;
  readonly stepRetryCount: number;
  readonly claimedBy: string | null;
  readonly isParked: boolean;
  /** The line that it waits in or runs from; null: it is in none. */
  readonly lineId: number | null;
  readonly batchId: number | null;
}

const COLUMNS = [
  'id',
  'run_id',
  'jobs',
  'step',
  'step_retry_count',
  'due_at',
  'claimed_by',
  'claimed_until',
  'finished_at',
  'errored_at',
  'line_id',
  'batch_id',
];

/** Programs that nobody else changes before the transaction ends, in the order in which all lock them. */
export async function lockPrograms(
  { tables, dialect }: Access,
  trx: Knex.Transaction,
  which: (programs: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<FoundProgram[]> {
  const rows = await which(trx(tables.programs))
    .orderBy('id')
    .forUpdate()
    .select<Row[]>(...COLUMNS, trx.raw(`${dialect.terms.nowMs} as now_ms`));
  return rows.map(toFoundProgram);
}

function toFoundProgram(row: Row): FoundProgram {
  const columns = new JsonColumns(row);
  return {
    id: Number(row['id']),
    runId: String(row['run_id']),
    state: foundState(row),
    jobs: columns.texts('jobs'),
    fault: columns.fault,
    step: Number(row['step']),
    stepRetryCount: Number(row['step_retry_count']),
    claimedBy: textOrNull(row['claimed_by']),
    isParked: Number(row['due_at']) === PARKED,
    lineId: numberOrNull(row['line_id']),
    batchId: numberOrNull(row['batch_id']),
  };
}

/** Of the timestamps only whether they are there matters. */
function foundState(row: Row): ProgramState {
  const isThere = (column: string) => (row[column] === null ? null : 0);
  const standing = {
    finishedAtMs: isThere('finished_at'),
    erroredAtMs: isThere('errored_at'),
    claimedUntilMs: numberOrNull(row['claimed_until']),
  };
  return stateOf(standing, Number(row['now_ms']));
}
