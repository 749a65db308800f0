import type { Row } from '../rows.js';
import { isOfActiveBatch, isRunning, ofLevel, type LineTables } from './line-tables.js';
import { POOL_COLUMNS, toPoolRow, type PoolRow } from './pool-row.js';

/** Pools, or priorities of them, that one look takes note of. */
const AT_ONCE = 200;

/** A pool in which programs may be claimed. */
export interface OpenPool {
  readonly pool: PoolRow;
  /** Of its lines whose turn it is, the highest first. */
  readonly priorities: readonly number[];
}

/** The pools that may be asked, of a batch if told, once for each priority of which it is a line's turn. */
export function openPoolsSql(t: LineTables, batchId?: number): string {
  const columns = POOL_COLUMNS.map((column) => `p.${column}`).join(', ');
  return `
    ${levels(t, batchId)}
    select ${columns}, v.priority from levels v join ${t.pools} p on p.id = v.pool_id
    where p.is_paused = 0 and p.open_at <= ${t.terms.nowMs} and ${isRunning(t)} and v.priority is not null and (
      select 1 from ${linesOfLevel(t, batchId)} and l.turn_at <= ${t.terms.nowMs} and ${isOfActiveBatch(t)}
      order by l.turn_at limit 1) is not null
    order by p.open_at, p.id, v.priority desc limit ${AT_ONCE}`;
}

export function toOpenPools(rows: readonly Row[]): OpenPool[] {
  const pools = new Map<number, OpenPool>();
  for (const row of rows) {
    const pool = toPoolRow(row);
    const priorities = [...(pools.get(pool.id)?.priorities ?? []), Number(row['priority'])];
    pools.set(pool.id, { pool, priorities });
  }
  return [...pools.values()];
}

/** Milliseconds until a line of a pool that is not full, of a batch if told, may be asked. */
export function untilReadySql(t: LineTables, batchId?: number): string {
  const firstTurn = `
    select l.turn_at from ${linesOfLevel(t, batchId)} and l.turn_at is not null and ${isOfActiveBatch(t)}
    order by l.turn_at limit 1`;
  return `
    ${levels(t, batchId)}
    select min(case when turn_at > open_at then turn_at else open_at end) - (${t.terms.nowMs}) as wait_ms
    from (select p.open_at, (${firstTurn}) as turn_at from levels v join ${t.pools} p on p.id = v.pool_id
          where p.is_paused = 0 and p.open_at is not null and v.priority is not null and ${isRunning(t)}) ready
    where turn_at is not null`;
}

/**
 * Each priority that lines of these pools have: found one after the other in the index, which has a line's turn
 * behind its priority, however many lines there are.
 */
function levels({ pools, lines, terms }: LineTables, batchId: number | undefined): string {
  if (batchId !== undefined)
    return `with levels as (select distinct l.pool_id, l.priority from ${lines} l where l.batch_id = ${batchId})`;
  if (terms.groupsInIndex)
    return `with levels as (select l.pool_id, l.priority from ${lines} l group by l.pool_id, l.priority)`;
  const highest = (below: string) => `(select max(l.priority) from ${lines} l where ${below})`;
  return `
    with recursive levels(pool_id, priority) as (
      select p.id, ${highest('l.pool_id = p.id')} from ${pools} p
      union all
      select v.pool_id, ${highest('l.pool_id = v.pool_id and l.priority < v.priority')}
      from levels v where v.priority is not null)`;
}

function linesOfLevel({ lines }: LineTables, batchId: number | undefined): string {
  return `${lines} l where ${ofLevel('v.pool_id', 'v.priority', batchId)}`;
}
