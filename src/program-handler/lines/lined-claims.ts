import { monotonicMs, msUntil } from '../../program/monotonic-clock.js';
import type { ClaimTerms, Dialect, GroupTransaction } from '../dialects/dialect.js';
import { soonest, waitOf, type ClaimedRow } from '../rows.js';
import { claimFromPool } from './claim-from-pool.js';
import type { HouseKeeping } from './house-keeping.js';
import type { LineTables } from './line-tables.js';
import { openPoolsSql, toOpenPools, untilReadySql, type OpenPool } from './open-pools.js';
import { giveOwnSlots } from './recent-claims.js';
import { reenterLines } from './reenter.js';

/** What a look found serves for so long, in milliseconds: a busy worker claims many times within it. */
const FRESH_MS = 50;

/** The shortest time between two looks for which a hint is the reason, in milliseconds: hints come by the thousand. */
const LOOK_AGAIN_MS = 100;

export interface LinedClaimsOptions {
  /** How often to look whether there are lines at all, in milliseconds; a hint makes it look soon. */
  readonly lookMs: number;
  /** Of the batch whose lines alone are asked; undefined: all are. */
  readonly batchId: number | undefined;
}

/** The claims of one worker on programs that wait in lines. Asks next to nothing while there are none. */
export class LinedClaims {
  readonly #dialect: Dialect;
  readonly #tables: LineTables;
  readonly #house: HouseKeeping;
  readonly #options: LinedClaimsOptions;
  #areInUse = false;
  #lookedAtMs = -Infinity;
  #lookedForHintAtMs = -Infinity;
  /** A hint may have told of them since. */
  #isExpecting = false;
  #foundAtMs = -Infinity;
  #pools: OpenPool[] = [];
  #askReadyAtMs = -Infinity;

  constructor(dialect: Dialect, tables: LineTables, house: HouseKeeping, options: LinedClaimsOptions) {
    this.#options = options;
    this.#dialect = dialect;
    this.#tables = tables;
    this.#house = house;
  }

  /** There may be lines by now, or leases may have been ended. */
  expect(): void {
    this.#isExpecting = true;
    this.#askReadyAtMs = -Infinity;
    this.#house.forget();
  }

  /** Looks at what may be claimed; resolves with whether anything is urgent. */
  async look(): Promise<{ isUrgent: boolean; isReady: boolean }> {
    if (monotonicMs() - this.#foundAtMs > FRESH_MS) await this.#findPools();
    const isUrgent = this.#pools.some(({ priorities }) => isAbovePlain(priorities[0]));
    return { isUrgent, isReady: this.#pools.length > 0 };
  }

  /** Claims of what the last look found, up to `limit`, pool by pool. */
  async *claim(limit: number, minPriority: 0 | 1, newTerms: () => ClaimTerms): AsyncGenerator<ClaimedRow[]> {
    const { batchId } = this.#options;
    let left = limit;
    for (const open of this.#pools) {
      if (left <= 0) return;
      const priorities = open.priorities.filter((priority) => priority >= minPriority);
      if (priorities.length === 0) continue;
      const search = { pool: open.pool, priorities, batchId, limit: left };
      const rows = await this.#write((trx) => claimFromPool(trx, this.#tables, search, newTerms()));
      left -= rows.length;
      yield rows;
    }
  }

  /** Recent claims are no longer waited for. */
  async settle(): Promise<void> {
    await giveOwnSlots(this.#dialect, this.#tables);
    this.#house.forget();
  }

  async #findPools(): Promise<void> {
    this.#pools = [];
    if (!(await this.#inUse())) return;
    await this.#house.keep();
    const found = toOpenPools(await this.#dialect.survey(openPoolsSql(this.#tables, this.#options.batchId)));
    this.#pools = found.sort(() => Math.random() - 0.5);
    this.#foundAtMs = monotonicMs();
  }

  /** Programs that were claimed as if they waited in no line. */
  async takeBack(claimed: readonly ClaimedRow[]): Promise<void> {
    await this.#write((trx) => reenterLines(trx, this.#tables, claimed));
    this.expect();
  }

  /** Milliseconds until a program of a line may be claimed, or a slot is held by nobody; undefined: never. */
  async untilReadyMs(): Promise<number | undefined> {
    if (!(await this.#inUse())) return this.#isExpecting ? this.#untilLookMs : undefined;
    // Here too: a worker that finds nothing to claim never looks.
    await this.#house.keep();
    const freeMs = await this.#house.untilSlotFreeMs();
    const sweepMs = freeMs === 0 ? Math.max(1, this.#house.untilSweepMs) : freeMs;
    return soonest(await this.#untilLineReadyMs(), sweepMs);
  }

  /** Or until it is worth asking again: what has ended since may have made room. */
  async #untilLineReadyMs(): Promise<number | undefined> {
    const askAgainMs = msUntil(this.#askReadyAtMs);
    return askAgainMs > 0 ? askAgainMs : this.#askWhenReady();
  }

  async #askWhenReady(): Promise<number | undefined> {
    const askedAtMs = monotonicMs();
    // Before the answer, so that a hint that comes meanwhile is not forgotten.
    this.#askReadyAtMs = askedAtMs + FRESH_MS;
    const waitMs = waitOf(await this.#dialect.survey(untilReadySql(this.#tables, this.#options.batchId)));
    if (waitMs === undefined) return undefined;
    // Perhaps in a pool that the last look did not find.
    if (waitMs <= 0) this.#foundAtMs = -Infinity;
    this.#askReadyAtMs = Math.min(this.#askReadyAtMs, askedAtMs + waitMs);
    return Math.max(0, waitMs);
  }

  async #inUse(): Promise<boolean> {
    if (this.#areInUse || this.#untilLookMs > 0) return this.#areInUse;
    this.#lookedAtMs = monotonicMs();
    if (this.#isExpecting) this.#lookedForHintAtMs = this.#lookedAtMs;
    this.#isExpecting = false;
    const found = await this.#dialect.read(`select 1 as found from ${this.#tables.lines} limit 1`);
    this.#areInUse = found.length > 0;
    return this.#areInUse;
  }

  get #untilLookMs(): number {
    const regularMs = msUntil(this.#lookedAtMs + this.#options.lookMs);
    return this.#isExpecting
      ? Math.min(regularMs, msUntil(this.#lookedForHintAtMs + LOOK_AGAIN_MS))
      : regularMs;
  }

  #write<T>(work: (trx: GroupTransaction) => Promise<T>): Promise<T> {
    return this.#dialect.inTransaction(work);
  }
}

/** Programs that wait in no line are of priority 0. */
function isAbovePlain(priority: number | undefined): boolean {
  return priority !== undefined && priority > 0;
}
