import type { LineFacts } from '../../program/why-in-line.js';
import type { Dialect } from '../dialects/dialect.js';
import { numberOrNull, type Row } from '../rows.js';
import type { LineTables } from './line-tables.js';

const MOST_HOLDERS = 20;

/** What says why a program of a line waits; undefined when it is in none. */
export async function lineFacts(
  dialect: Dialect,
  t: LineTables,
  runId: string,
): Promise<LineFacts | undefined> {
  const [row] = await dialect.read(
    `select p.line_id, l.pool_id, l.line_key, l.turn_at, q.name, q.is_paused, q.max_parallelism,
       q.key_max_parallelism, q.open_at, m.held_until as key_held_until,
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
  return toFacts(row, holders, await lastInterruption(dialect, t, row));
}

function toFacts(row: Row, holders: readonly Row[], interruption: string | undefined): LineFacts {
  const key = String(row['line_key']);
  return {
    nowMs: Number(row['now_ms']),
    pool: String(row['name']),
    key,
    isPoolPaused: Number(row['is_paused']) === 1,
    maxParallelism: numberOrNull(row['max_parallelism']) ?? Infinity,
    running: holders.length,
    poolOpensAtMs: numberOrNull(row['open_at']),
    keyMaxParallelism: numberOrNull(row['key_max_parallelism']) ?? Infinity,
    keyRunning: key === '' ? 0 : holders.filter((holder) => holder['line_key'] === key).length,
    keyHeldUntilMs: numberOrNull(row['key_held_until']) ?? 0,
    turnAtMs: numberOrNull(row['turn_at']),
    holders: holders.slice(0, MOST_HOLDERS).map((holder) => String(holder['run_id'])),
    batch:
      row['batch_id'] === null
        ? undefined
        : {
            code: String(row['code']),
            status: String(row['status']),
            isPaused: Number(row['is_batch_paused']) === 1,
            interruption,
          },
  };
}

function heldIn(dialect: Dialect, { slots, programs }: LineTables, poolId: number): Promise<readonly Row[]> {
  return dialect.read(
    `select p.run_id, s.line_key from ${slots} s join ${programs} p on p.id = s.program_id
     where s.pool_id = ? order by p.id`,
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
  return last && `${String(last['reason'])} (${String(last['message'])})`;
}
