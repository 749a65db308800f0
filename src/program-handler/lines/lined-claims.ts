import { monotonicMs } from '../../program/monotonic-clock.js';
import type { ClaimTerms, Dialect, GroupTransaction } from '../dialects/dialect.js';
import { soonest, waitOf, type ClaimedRow, type Row } from '../rows.js';
import { claimFromPool } from './claim-from-pool.js';
import { findEnded } from './find-ended.js';
import { interruptOverdue } from './interrupt-overdue.js';
import { isOfActiveBatch, isRunning, type LineTables } from './line-tables.js';
import { POOL_COLUMNS, toPoolRow, type PoolRow } from './pool-row.js';
import { reopenForgotten } from './reopen-forgotten.js';
import { reenterLines } from './reenter.js';
import { sweepSlots } from './sweep.js';

/** How often a worker looks whether there are lines at all, in milliseconds; a hint makes it look at once. */
const LOOK_MS = 30_000;
/** How often it looks for slots that nobody holds. */
const SWEEP_MS = 1_000;
/** How often it looks for programs that were ended by hand while they waited. */
const ENDED_MS = 5_000;
/** How often it looks for lines that were left closed though programs wait in them. */
const REOPEN_MS = 60_000;
const POOLS_AT_ONCE = 50;

interface OpenPool {
  readonly pool: PoolRow;
  /** One of its lines has a priority above that of the programs that wait in none. */
  readonly isUrgent: boolean;
}

/** The claims of one worker on programs that wait in lines. Asks nothing while there are none. */
export class LinedClaims {
  readonly #dialect: Dialect;
  readonly #tables: LineTables;
  readonly #due = new Map<string, number>();
  #areInUse = false;
  #pools: OpenPool[] = [];

  constructor(dialect: Dialect, tables: LineTables) {
    this.#dialect = dialect;
    this.#tables = tables;
  }

  /** There may be lines by now. */
  expect(): void {
    if (!this.#areInUse) this.#due.delete('look');
  }

  /** Looks at what may be claimed; resolves with whether anything is urgent. */
  async look(): Promise<{ isUrgent: boolean; isReady: boolean }> {
    this.#pools = [];
    if (!(await this.#inUse())) return { isUrgent: false, isReady: false };
    await this.#keepHouse();
    this.#pools = (await openPools(this.#dialect, this.#tables)).sort(() => Math.random() - 0.5);
    return { isUrgent: this.#pools.some(({ isUrgent }) => isUrgent), isReady: this.#pools.length > 0 };
  }

  /** Claims of what the last look found, up to `limit`. */
  async claim(limit: number, minPriority: 0 | 1, newTerms: () => ClaimTerms): Promise<ClaimedRow[]> {
    const claimed: ClaimedRow[] = [];
    for (const { pool, isUrgent } of this.#pools) {
      if (claimed.length >= limit) break;
      if (minPriority === 1 && !isUrgent) continue;
      const search = { pool, limit: limit - claimed.length, minPriority };
      claimed.push(...(await this.#write((trx) => claimFromPool(trx, this.#tables, search, newTerms()))));
    }
    return claimed;
  }

  /** Programs that were claimed as if they waited in no line. */
  async takeBack(claimed: readonly ClaimedRow[]): Promise<void> {
    await this.#write((trx) => reenterLines(trx, this.#tables, claimed));
    this.expect();
  }

  /** Milliseconds until a program of a line may be claimed, or a slot is held by nobody; undefined: never. */
  async untilReadyMs(): Promise<number | undefined> {
    if (!(await this.#inUse())) return undefined;
    const readyMs = await untilReady(this.#dialect, this.#tables);
    if (readyMs === 0) return 0;
    const slotMs = await untilSlotFree(this.#dialect, this.#tables);
    // A slot is given back by a sweep, and not sooner.
    const sweepMs = slotMs === undefined ? undefined : Math.max(slotMs, this.#untilMs('sweep'));
    return soonest(soonest(readyMs, sweepMs), this.#untilMs('ended'));
  }

  async #inUse(): Promise<boolean> {
    if (this.#areInUse || !this.#isTime('look', LOOK_MS)) return this.#areInUse;
    const { lines } = this.#tables;
    const found = await this.#dialect.read(`select 1 as found from ${lines} limit 1`);
    this.#areInUse = found.length > 0;
    return this.#areInUse;
  }

  async #keepHouse(): Promise<void> {
    if (!this.#isTime('sweep', SWEEP_MS)) return;
    if (this.#isTime('ended', ENDED_MS)) await this.#write((trx) => findEnded(trx, this.#tables));
    await this.#write((trx) => sweepSlots(trx, this.#tables));
    await this.#write((trx) => interruptOverdue(trx, this.#tables));
    if (this.#isTime('reopen', REOPEN_MS)) await this.#write((trx) => reopenForgotten(trx, this.#tables));
  }

  #isTime(what: string, everyMs: number): boolean {
    if (this.#untilMs(what) > 0) return false;
    this.#due.set(what, monotonicMs() + everyMs);
    return true;
  }

  #untilMs(what: string): number {
    return Math.max(0, (this.#due.get(what) ?? 0) - monotonicMs());
  }

  #write<T>(work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    return this.#dialect.inTransaction(work);
  }
}

async function openPools(dialect: Dialect, t: LineTables): Promise<OpenPool[]> {
  const now = t.terms.nowMs;
  const hasLine = (priority: string) => `exists (
    select 1 from ${t.lines} l where l.pool_id = p.id and ${priority} and l.turn_at <= ${now} and ${isOfActiveBatch(t)})`;
  const rows = await dialect.read(
    `select ${POOL_COLUMNS.join(', ')}, case when ${hasLine('l.priority > 0')} then 1 else 0 end as is_urgent
     from ${t.pools} p
     where p.is_paused = 0 and p.open_at <= ${now} and ${isRunning(t)} and ${hasLine('l.priority >= 0')}
     order by p.open_at limit ${POOLS_AT_ONCE}`,
  );
  return rows.map(toOpenPool);
}

function toOpenPool(row: Row): OpenPool {
  return { pool: toPoolRow(row), isUrgent: Number(row['is_urgent']) === 1 };
}

async function untilReady(dialect: Dialect, t: LineTables): Promise<number | undefined> {
  const rows = await dialect.read(
    `select min(case when l.turn_at > p.open_at then l.turn_at else p.open_at end) - (${t.terms.nowMs}) as wait_ms
     from ${t.pools} p join ${t.lines} l on l.pool_id = p.id
     where p.is_paused = 0 and p.open_at is not null and l.turn_at is not null and ${isOfActiveBatch(t)} and ${isRunning(t)}`,
  );
  return notNegative(waitOf(rows));
}

/** A slot whose program's lease ends is free then, whatever became of its worker. */
async function untilSlotFree(
  dialect: Dialect,
  { slots, programs, terms }: LineTables,
): Promise<number | undefined> {
  const rows = await dialect.read(
    `select min(coalesce(p.claimed_until, 0)) - (${terms.nowMs}) as wait_ms
     from ${slots} s left join ${programs} p on p.id = s.program_id and p.claimed_by = s.claimed_by`,
  );
  return notNegative(waitOf(rows));
}

function notNegative(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(0, ms);
}
