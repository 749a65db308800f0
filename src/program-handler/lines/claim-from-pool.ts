import { shareOut } from '../../program/share-out.js';
import type { ClaimTerms, GroupTransaction } from '../dialects/dialect.js';
import { idsOf, type ClaimedRow, type Row } from '../rows.js';
import { claimFirst } from './claim-first.js';
import { noteTaken, runningIn, UNCOUNTED } from './count-slots.js';
import { forIds, IS_ACTIVE, isOfActiveBatch, ofLevel, type LineTables } from './line-tables.js';
import { toLinedPrograms } from './lined-programs.js';
import { isCounted, opensAt, roomIn, roomOfKeys, roomOfPool, taking, type Room } from './pool-room.js';
import { hasLimits, POOL_COLUMNS, toPoolRow, type PoolRow } from './pool-row.js';
import { noteClaim } from './recent-claims.js';
import { leaveToSweep } from './sweep.js';
import { together } from './together.js';
import { setTurns, type AskingLine } from './turns.js';
import { searchesOf, type WaitingProgram } from './waiting.js';

/** Lines that one claim looks at, at least. */
const LINES_AT_ONCE = 100;

/** What a claim is to find. */
export interface LineSearch {
  readonly pool: PoolRow;
  /** Of its lines that are asked, the highest first. */
  readonly priorities: readonly number[];
  /** Of the batch whose lines alone are asked; undefined: all are. */
  readonly batchId: number | undefined;
  /** Most programs. */
  readonly limit: number;
}

/**
 * Claims programs of a pool, in one transaction. What a pool with limits has left is counted while its row is
 * locked, and from the slots that its running programs hold: so it is never exceeded, whoever claims beside.
 */
export async function claimFromPool(
  trx: GroupTransaction,
  t: LineTables,
  search: LineSearch,
  terms: ClaimTerms,
): Promise<ClaimedRow[]> {
  const isLimited = hasLimits(search.pool);
  // Asked for at once; the server takes them in this order, so that it counts what runs once it has the pool's row.
  const [pool, counted, asking] = await together([
    openPool(trx, t, search.pool.id, isLimited ? t.terms.forUpdate : ''),
    isCounted(search.pool) ? runningIn(trx, t, search.pool.id) : UNCOUNTED,
    askingLines(trx, t, search),
  ]);
  // Limits that were set since the look are for the next one, which locks the row.
  if (!pool || hasLimits(pool) !== isLimited || isCounted(pool) !== isCounted(search.pool)) return [];
  const room = roomOfPool(pool, counted.running);
  const lines = await ofActiveBatches(trx, t, asking);
  const [first] = lines;
  if (!first) return [];
  const { nowMs } = first;
  const keys = await roomOfKeys(trx, t, pool, [...new Set(lines.map(({ key }) => key))]);
  const total = Math.min(search.limit, roomIn(room, nowMs));
  const shares = shareOut(lines, total, (key) => roomIn(keys.get(key) as Room, nowMs));
  // The pool without a name never has limits, so that nobody asks how much of it runs.
  const inSlots = pool.name !== '';
  const { heads, claimed } = await claimFirst(trx, t, { searches: searchesOf(t, shares), terms, inSlots });
  if (isCounted(pool)) noteTaken(t, pool.id, counted, claimed);
  await leaveEnded(trx, t, heads);
  if (!inSlots) await noteClaim(trx, t, claimed);
  // Tokens are spent when programs are claimed, which may be a while after they were counted.
  const atMs = Number(claimed[0]?.['now_ms'] ?? nowMs);
  const areOfBatch = search.batchId !== undefined;
  await setTurns(trx, t, { lines, areOfBatch, shares, waiting: heads, keys, pool, nowMs: atMs });
  if (isLimited) await setPool(trx, t, pool, taking(room, claimed.length, atMs), atMs);
  const ownLines = lines.map(({ line }) => line);
  return toLinedPrograms(trx, t, claimed, ownLines);
}

async function leaveEnded(
  trx: GroupTransaction,
  t: LineTables,
  heads: readonly WaitingProgram[],
): Promise<void> {
  const ids = heads.filter(({ isOver }) => isOver).map(({ id }) => id);
  if (ids.length > 0) await leaveToSweep(trx, t, ids);
}

async function openPool(
  trx: GroupTransaction,
  t: LineTables,
  id: number,
  lock: string,
): Promise<PoolRow | undefined> {
  const [row] = await trx.read(
    `select ${POOL_COLUMNS.join(', ')} from ${t.pools}
     where id = ? and is_paused = 0 and open_at <= ${t.terms.nowMs} ${lock}`,
    [id],
  );
  return row && toPoolRow(row);
}

/** By priority, and then by turns. */
async function askingLines(trx: GroupTransaction, t: LineTables, search: LineSearch): Promise<AskingLine[]> {
  const lines: AskingLine[] = [];
  const text = askingLinesSql(t, search.batchId);
  // It may be one program of each.
  const most = Math.min(t.terms.mostOfEach, Math.max(LINES_AT_ONCE, search.limit));
  for (const priority of search.priorities) {
    if (lines.length >= most) break;
    const rows = await trx.read(text, [search.pool.id, priority, most - lines.length]);
    lines.push(...rows.map((row) => toAskingLine(row, search.pool)));
  }
  return lines;
}

/**
 * Those whose batch may go on, looked at once more: an interruption may have come while they were being locked. From
 * now on it waits for the end of this transaction.
 */
async function ofActiveBatches(
  trx: GroupTransaction,
  t: LineTables,
  lines: readonly AskingLine[],
): Promise<readonly AskingLine[]> {
  const ids = [...new Set(lines.flatMap(({ line }) => line.batchId ?? []))];
  if (ids.length === 0) return lines;
  const { text, values } = forIds(t, `select id from ${t.batches}`, 'id', ids);
  const active = new Set(idsOf(await trx.read(`${text} and ${IS_ACTIVE}`, values)));
  return lines.filter(({ line }) => line.batchId === null || active.has(line.batchId));
}

/** Of one priority, so that they come in the order of the index. */
export function askingLinesSql(t: LineTables, batchId?: number): string {
  const { nowMs, skipLocked } = t.terms;
  return `
    select l.id, l.batch_id, l.line_key, l.priority, ${nowMs} as now_ms from ${t.lines} l
    where ${ofLevel('?', '?', batchId)} and l.turn_at <= ${nowMs} and ${isOfActiveBatch(t)}
    order by l.turn_at, l.id limit ? ${skipLocked}`;
}

function toAskingLine(row: Row, { id: poolId, name }: PoolRow): AskingLine {
  const batchId = Number(row['batch_id']);
  const key = String(row['line_key']);
  const priority = Number(row['priority']);
  return {
    lineId: Number(row['id']),
    key,
    priority,
    nowMs: Number(row['now_ms']),
    line: {
      id: Number(row['id']),
      poolId,
      pool: name,
      batchId: batchId === 0 ? null : batchId,
      key,
      priority,
    },
  };
}

async function setPool(
  trx: GroupTransaction,
  t: LineTables,
  pool: PoolRow,
  room: Room,
  nowMs: number,
): Promise<void> {
  const opens = opensAt(room, nowMs);
  if (opens === nowMs && room.level === pool.level) return;
  const { missing, atMs } = room.level;
  await trx.run(`update ${t.pools} set open_at = ?, missing = ?, missing_at = ? where id = ?`, [
    opens,
    missing,
    atMs,
    pool.id,
  ]);
}
