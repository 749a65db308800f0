import { takeTokens, type BucketLevel } from '../../rate-limit/token-bucket.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import type { LineTables } from './line-tables.js';
import { together } from './together.js';
import { NEW_METER, NO_LIMITS, toLevel, type Limits, type PoolRow } from './pool-row.js';

/** What a pool, or a key of it, has left to give at one moment. */
export interface Room {
  readonly limits: Limits;
  readonly running: number;
  readonly level: BucketLevel;
  /** Nothing is started before, in epoch milliseconds. */
  readonly heldUntilMs: number;
}

/** How many programs may be started now. */
export function roomIn({ limits, running, level, heldUntilMs }: Room, nowMs: number): number {
  if (heldUntilMs > nowMs) return 0;
  const slots = Math.max(0, limits.maxParallelism - running);
  if (!limits.rate || slots === 0) return slots;
  return Math.min(slots, takeTokens(limits.rate, level, nowMs, limits.rate.requests).taken);
}

/** The same room after `count` programs were started. */
export function taking(room: Room, count: number, nowMs: number): Room {
  const { limits, running, level } = room;
  const after = limits.rate && count > 0 ? takeTokens(limits.rate, level, nowMs, count).level : level;
  return { ...room, running: running + count, level: after };
}

/** When there may be room again, in epoch milliseconds: now if there is, null when a program must end first. */
export function opensAt(room: Room, nowMs: number): number | null {
  const { limits, running, level, heldUntilMs } = room;
  if (running >= limits.maxParallelism) return null;
  const waitMs = limits.rate ? takeTokens(limits.rate, level, nowMs, 0).waitMs : 0;
  return Math.max(nowMs + waitMs, heldUntilMs);
}

export function roomOfPool({ limits, level, heldUntilMs }: PoolRow, running: number): Room {
  return { limits, running, level, heldUntilMs };
}

/** Whether it matters how many of its programs run. */
export function isCounted({ limits }: PoolRow): boolean {
  return limits.maxParallelism !== Infinity;
}

/** What is left of some of its keys. Programs without a key have no limit but the pool's. */
export async function roomOfKeys(
  trx: GroupTransaction,
  t: LineTables,
  { id, ofKey }: PoolRow,
  keys: readonly string[],
): Promise<Map<string, Room>> {
  const limitsOf = (key: string): Limits => (key === '' ? NO_LIMITS : ofKey);
  const rooms = new Map<string, Room>(
    keys.map((key) => [key, { limits: limitsOf(key), running: 0, ...NEW_METER }]),
  );
  if (keys.every((key) => key === '')) return rooms;
  const among = t.terms.amongTexts('line_key', keys);
  const [where, values] = [`where pool_id = ? and ${among.text}`, [id, ...among.values]];
  // That a key is one is said once more, as PostgreSQL has an index of those alone.
  const count = `select line_key, count(*) as running from ${t.slots} ${where} and line_key <> '' group by line_key`;
  const meters = `select line_key, missing, missing_at, held_until from ${t.meters} ${where}`;
  const [counts, levels] = await together([
    ofKey.maxParallelism === Infinity ? [] : trx.read(count, values),
    trx.read(meters, values),
  ]);
  for (const row of counts) change(rooms, String(row['line_key']), { running: Number(row['running']) });
  for (const row of levels)
    change(rooms, String(row['line_key']), { level: toLevel(row), heldUntilMs: Number(row['held_until']) });
  return rooms;
}

function change(rooms: Map<string, Room>, key: string, what: Partial<Room>): void {
  const room = rooms.get(key);
  if (room) rooms.set(key, { ...room, ...what });
}
