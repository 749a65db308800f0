import type { Line } from '../../program/line.js';
import type { ProgramOptions } from '../../program/program-options.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { JsonColumns, toClaimedProgram, type ClaimedRow, type Row } from '../rows.js';
import { learnJobTimeouts } from './job-timeouts.js';
import { forIds, type LineTables } from './line-tables.js';

/** The programs of rows that were claimed from these lines. */
export async function toLinedPrograms(
  trx: GroupTransaction,
  t: LineTables,
  rows: readonly Row[],
  lines: readonly Line[],
): Promise<ClaimedRow[]> {
  if (rows.length === 0) return [];
  await learnJobTimeouts(trx, t, lines);
  const expired = await expiredAmong(trx, t, rows);
  const byId = new Map(lines.map((line) => [line.id, line]));
  return rows.map((row) => toLinedProgram(row, byId, expired, t));
}

function toLinedProgram(
  row: Row,
  lines: ReadonlyMap<number, Line>,
  expired: ReadonlySet<number>,
  { jobTimeouts }: LineTables,
): ClaimedRow {
  const program = toClaimedProgram(row);
  const line = lines.get(Number(row['line_id']));
  const jobTimeoutMs = jobTimeouts.get(line?.batchId ?? 0);
  const { options, fault = program.fault } = optionsOf(row);
  return {
    ...program,
    options,
    ...(fault === undefined ? {} : { fault }),
    ...(line ? { line } : {}),
    ...(expired.has(program.id) ? { isExpired: true } : {}),
    ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs }),
  };
}

interface ReadOptions {
  readonly options: ProgramOptions;
  readonly fault: string | undefined;
}

/** Of most programs. */
const NO_OPTIONS: ReadOptions = { options: {}, fault: undefined };

function optionsOf(row: Row): ReadOptions {
  if (row['options'] === null) return NO_OPTIONS;
  const columns = new JsonColumns(row);
  const options = columns.object('options') as ProgramOptions;
  return { options, fault: columns.fault };
}

/** The ids of those that are too late. What was started in time goes on, however late it has become. */
async function expiredAmong(
  trx: GroupTransaction,
  t: LineTables,
  rows: readonly Row[],
): Promise<ReadonlySet<number>> {
  const late = rows.filter((row) => isLate(row) && !isAdvanced(row)).map((row) => Number(row['id']));
  if (late.length === 0) return new Set();
  // One that only heard that a service takes no more has done nothing.
  const { text, values } = forIds(t, `select program_id from ${t.attempts}`, 'program_id', late);
  const tried = await trx.read(`${text} and outcome <> 'deferred'`, values);
  const started = new Set(tried.map((row) => Number(row['program_id'])));
  return new Set(late.filter((id) => !started.has(id)));
}

function isLate(row: Row): boolean {
  const { expiresAt } = optionsOf(row).options;
  return expiresAt !== undefined && expiresAt <= Number(row['now_ms']);
}

function isAdvanced(row: Row): boolean {
  return ['step', 'step_retry_count', 'lost_count'].some((column) => Number(row[column]) > 0);
}
