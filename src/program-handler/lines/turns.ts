import type { Line } from '../../program/line.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { forIds, isWaiting, type LineTables } from './line-tables.js';
import { opensAt, taking, type Room } from './pool-room.js';
import type { PoolRow } from './pool-row.js';
import type { WaitingProgram } from './waiting.js';

/** A line whose turn it is. */
export interface AskingLine {
  readonly lineId: number;
  readonly key: string;
  readonly priority: number;
  readonly line: Line;
  /** By the database clock. */
  readonly nowMs: number;
}

/** What was given to the lines that asked. */
export interface Given {
  readonly lines: readonly AskingLine[];
  /** Those of one batch were asked, so that there may be others that asked as well. */
  readonly areOfBatch: boolean;
  readonly shares: ReadonlyMap<number, number>;
  readonly waiting: readonly WaitingProgram[];
  readonly keys: ReadonlyMap<string, Room>;
  readonly pool: PoolRow;
  readonly nowMs: number;
}

/**
 * When each line is asked again: behind the others when it has more; when its next program is ready, if it had
 * fewer than its share; when its key has room again.
 */
export async function setTurns(trx: GroupTransaction, t: LineTables, given: Given): Promise<void> {
  const taken = countBy(given.waiting, ({ lineId }) => lineId);
  const ofKey = keysAfter(given, taken);
  await setMeters(trx, t, given, ofKey);
  const turns = new Map<number | 'next' | null, number[]>();
  for (const { lineId, key } of given.lines) {
    const turn = turnOf(given, lineId, taken.get(lineId) ?? 0, ofKey.get(key) as Room);
    if (turn !== undefined) turns.set(turn, [...(turns.get(turn) ?? []), lineId]);
  }
  for (const [turn, ids] of turns) await setTurn(trx, t, turn, ids);
}

/** undefined: as it is, since the pool had nothing left for it, or no other line asks, behind which to go. */
function turnOf({ lines, areOfBatch, shares, nowMs }: Given, lineId: number, count: number, key: Room) {
  const share = shares.get(lineId) ?? 0;
  const opens = opensAt(key, nowMs);
  if (opens !== nowMs) return opens;
  if (share === 0) return undefined;
  if (count < share) return 'next' as const;
  return lines.length === 1 && !areOfBatch ? undefined : nowMs;
}

async function setTurn(
  trx: GroupTransaction,
  t: LineTables,
  turn: number | 'next' | null,
  ids: readonly number[],
): Promise<void> {
  const next = `(select min(p.ready_at) from ${t.programs} p where p.line_id = ${t.lines}.id and ${isWaiting('p.')})`;
  const { text, values } = forIds(
    t,
    `update ${t.lines} set turn_at = ${turn === 'next' ? next : '?'}`,
    'id',
    ids,
  );
  await trx.run(text, turn === 'next' ? values : [turn, ...values]);
}

function keysAfter({ lines, keys, nowMs }: Given, taken: ReadonlyMap<number, number>): Map<string, Room> {
  const after = new Map(keys);
  for (const { lineId, key } of lines)
    after.set(key, taking(after.get(key) as Room, taken.get(lineId) ?? 0, nowMs));
  return after;
}

/** The buckets of keys from which tokens were taken. */
async function setMeters(
  trx: GroupTransaction,
  { meters, terms }: LineTables,
  { keys, pool }: Given,
  after: ReadonlyMap<string, Room>,
): Promise<void> {
  for (const [key, { level }] of after) {
    if (level === keys.get(key)?.level) continue;
    const values = [pool.id, key];
    await trx.run(
      `insert into ${meters} (pool_id, line_key) values (?, ?) ${terms.ignoringExisting('pool_id')}`,
      values,
    );
    await trx.run(`update ${meters} set missing = ?, missing_at = ? where pool_id = ? and line_key = ?`, [
      level.missing,
      level.atMs,
      ...values,
    ]);
  }
}

function countBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
