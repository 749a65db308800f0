import type { BatchFacts, LineFacts } from '../../program/why-in-line.js';
import type { Dialect } from '../dialects/dialect.js';
import { numberOrNull, type Row } from '../rows.js';
import { isOfActiveBatch, isWaiting, type LineTables } from './line-tables.js';
import { IS_OF_POOL } from './slot-row.js';

const MOST_HOLDERS = 20;
/** Lines, or programs of one, that are counted as being before others. */
const MOST_BEFORE = 1_000;

/** What says why a program of a line waits; undefined when it is in none. */
export async function lineFacts(
  dialect: Dialect,
  t: LineTables,
  runId: string,
): Promise<LineFacts | undefined> {
  const [row] = await dialect.read(
    `select p.id, p.line_id, p.ready_at, l.pool_id, l.line_key, l.priority, l.turn_at, q.name, q.is_paused,
       q.max_parallelism, q.key_max_parallelism, q.open_at, q.held_until, m.held_until as key_held_until,
       b.id as batch_id, b.code, b.status, b.is_paused as is_batch_paused, ${t.terms.nowMs} as now_ms
     from ${t.programs} p
     join ${t.lines} l on l.id = p.line_id
     join ${t.pools} q on q.id = l.pool_id
     left join ${t.meters} m on m.pool_id = l.pool_id and m.line_key = l.line_key
     left join ${t.batches} b on b.id = p.batch_id
     where p.run_id = ?`,
    [runId],
  );
  if (!row) return undefined;
  const holders = await heldIn(dialect, t, Number(row['pool_id']));
  return {
    ...toFacts(row),
    ...toHolders(holders, String(row['line_key'])),
    ...(await before(dialect, t, row)),
    batch: toBatch(row, await lastInterruption(dialect, t, row)),
  };
}

type Held = 'running' | 'keyRunning' | 'holders' | 'keyHolders';
type Before = 'linesBefore' | 'programsBefore';

function toFacts(row: Row): Omit<LineFacts, Held | Before | 'batch'> {
  return {
    nowMs: Number(row['now_ms']),
    pool: String(row['name']),
    key: String(row['line_key']),
    // A pause of the one without a name is that of the whole queue.
    isPoolPaused: row['name'] !== '' && Number(row['is_paused']) === 1,
    maxParallelism: numberOrNull(row['max_parallelism']) ?? Infinity,
    poolOpensAtMs: numberOrNull(row['open_at']),
    poolHeldUntilMs: Number(row['held_until']),
    keyMaxParallelism: numberOrNull(row['key_max_parallelism']) ?? Infinity,
    keyHeldUntilMs: numberOrNull(row['key_held_until']) ?? 0,
    turnAtMs: numberOrNull(row['turn_at']),
  };
}

function toHolders(held: readonly Row[], key: string): Pick<LineFacts, Held> {
  const ofKey = key === '' ? [] : held.filter((holder) => holder['line_key'] === key);
  return {
    running: held.length,
    keyRunning: ofKey.length,
    holders: runIdsOf(held),
    keyHolders: runIdsOf(ofKey),
  };
}

function runIdsOf(rows: readonly Row[]): string[] {
  return rows.slice(0, MOST_HOLDERS).map((row) => String(row['run_id']));
}

function toBatch(row: Row, interruption: string | undefined): BatchFacts | undefined {
  if (row['batch_id'] === null) return undefined;
  return {
    code: String(row['code']),
    status: String(row['status']),
    isPaused: Number(row['is_batch_paused']) === 1,
    interruption,
  };
}

/** What is started earlier, as far as it is ready. */
async function before(dialect: Dialect, t: LineTables, row: Row): Promise<Pick<LineFacts, Before>> {
  const { nowMs } = t.terms;
  const lines = `
    select l.id from ${t.lines} l where l.pool_id = ? and l.turn_at <= ${nowMs} and ${isOfActiveBatch(t)}
      and (l.priority > ? or (l.priority = ? and (l.turn_at < ? or (l.turn_at = ? and l.id < ?))))`;
  const programs = `
    select p.id from ${t.programs} p where p.line_id = ? and p.ready_at <= ${nowMs}
      and ${isWaiting('p.')} and p.finished_at is null and p.errored_at is null and (p.ready_at < ? or (p.ready_at = ? and p.id < ?))`;
  const number = (column: string): number => Number(row[column]);
  const [priority, turnAtMs, readyAtMs] = [number('priority'), number('turn_at'), number('ready_at')];
  const ofLines = [number('pool_id'), priority, priority, turnAtMs, turnAtMs, number('line_id')];
  const ofPrograms = [number('line_id'), readyAtMs, readyAtMs, number('id')];
  return {
    linesBefore: await countUpTo(dialect, lines, ofLines),
    programsBefore: await countUpTo(dialect, programs, ofPrograms),
  };
}

async function countUpTo(dialect: Dialect, text: string, values: readonly number[]): Promise<number> {
  const rows = await dialect.read(
    `select count(*) as found from (${text} limit ${MOST_BEFORE}) found`,
    values,
  );
  return Number(rows[0]?.['found']);
}

function heldIn(dialect: Dialect, { slots, programs }: LineTables, poolId: number): Promise<readonly Row[]> {
  return dialect.read(
    `select p.run_id, s.line_key from ${slots} s join ${programs} p on p.id = s.program_id
     where ${IS_OF_POOL} order by p.id`,
    [poolId],
  );
}

async function lastInterruption(
  dialect: Dialect,
  { interruptions }: LineTables,
  row: Row,
): Promise<string | undefined> {
  if (row['batch_id'] === null || row['status'] !== 'interrupted') return undefined;
  const [last] = await dialect.read(
    `select reason, message from ${interruptions} where batch_id = ? order by id desc limit 1`,
    [Number(row['batch_id'])],
  );
  return last && `${String(last['reason'])}: ${String(last['message'])}`;
}
