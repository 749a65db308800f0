import { monotonicMs, msUntil } from '../../program/monotonic-clock.js';
import type { Dialect } from '../dialects/dialect.js';
import { soonest, waitOf } from '../rows.js';
import { findEnded } from './find-ended.js';
import { interruptOverdue } from './interrupt-overdue.js';
import type { LineTables } from './line-tables.js';
import { giveSlots, untilGivenSlotsSql } from './recent-claims.js';
import { reopenForgotten } from './reopen-forgotten.js';
import { sweepSlots } from './sweep.js';

/** How often a worker looks for slots that nobody holds, and for batches that run for too long, in milliseconds. */
const SWEEP_MS = 1_000;
/** How often it looks for programs that were ended by hand while they waited; seldom where looking takes long. */
const ENDED_MS = 5_000;
/** The part of a worker's time that this may take, as a divisor. */
const ENDED_SHARE = 100;
/** How often it looks for lines that were left closed though programs wait in them. */
const REOPEN_MS = 60_000;

/** What every worker does beside its claims, so that nothing depends on the one that is dead. */
export class HouseKeeping {
  readonly #dialect: Dialect;
  readonly #tables: LineTables;
  readonly #onCreated: (runIds: readonly string[]) => void;
  #sweepAtMs = 0;
  /** When a slot is free, as it was found a moment ago. */
  #freeAtMs: number | undefined;
  #askFreeAtMs = 0;
  #findEndedAtMs = 0;
  #reopenAtMs = 0;

  /** @param onCreated callbacks were created */
  constructor(dialect: Dialect, tables: LineTables, onCreated: (runIds: readonly string[]) => void) {
    this.#dialect = dialect;
    this.#tables = tables;
    this.#onCreated = onCreated;
  }

  /** Milliseconds until the next sweep may be made. */
  get untilSweepMs(): number {
    return msUntil(this.#sweepAtMs);
  }

  /** Does what is to be done by now; often there is nothing. */
  async keep(): Promise<void> {
    if (this.untilSweepMs > 0) return;
    this.#sweepAtMs = monotonicMs() + SWEEP_MS;
    await this.#findEnded();
    await this.#sweep();
    await this.#dialect.inTransaction((trx) => interruptOverdue(trx, this.#tables));
    await this.#reopen();
  }

  /**
   * A slot whose program's lease ends is free then, whatever became of its worker, and what has no slot yet is to get
   * one soon; undefined: nothing runs. Leases are renewed, so what was found is not too late for a while.
   */
  async untilSlotFreeMs(): Promise<number | undefined> {
    if (monotonicMs() >= this.#askFreeAtMs) await this.#askWhenFree();
    const freeMs = this.#freeAtMs === undefined ? undefined : msUntil(this.#freeAtMs);
    return soonest(freeMs, this.#tables.ownClaims.untilDueMs());
  }

  /** What was found a moment ago need not be so any more. */
  forget(): void {
    this.#askFreeAtMs = 0;
  }

  async #askWhenFree(): Promise<void> {
    const askedAtMs = monotonicMs();
    const waitMs = waitOf(await this.#dialect.survey(untilSlotFreeSql(this.#tables)));
    this.#askFreeAtMs = askedAtMs + SWEEP_MS;
    this.#freeAtMs = waitMs === undefined ? undefined : askedAtMs + waitMs;
  }

  async #sweep(): Promise<void> {
    this.forget();
    if ((await this.untilSlotFreeMs()) !== 0) return;
    await giveSlots(this.#dialect, this.#tables);
    const created = await this.#dialect.inTransaction((trx) => sweepSlots(trx, this.#tables));
    if (created.length > 0) this.#onCreated(created);
    this.forget();
  }

  async #findEnded(): Promise<void> {
    const startedAtMs = monotonicMs();
    if (startedAtMs < this.#findEndedAtMs) return;
    await this.#dialect.inTransaction((trx) => findEnded(trx, this.#tables));
    const tookMs = monotonicMs() - startedAtMs;
    this.#findEndedAtMs = startedAtMs + Math.max(ENDED_MS, tookMs * ENDED_SHARE);
  }

  async #reopen(): Promise<void> {
    if (monotonicMs() < this.#reopenAtMs) return;
    this.#reopenAtMs = monotonicMs() + REOPEN_MS;
    await this.#dialect.inTransaction((trx) => reopenForgotten(trx, this.#tables));
  }
}

/** At once where the program was deleted, or is another claim's. */
export function untilSlotFreeSql(t: LineTables): string {
  const untilMs = 'case when p.claimed_by = s.claimed_by then coalesce(p.claimed_until, 0) else 0 end';
  const ofSlots = `select min(${untilMs}) as at_ms from ${t.slots} s left join ${t.programs} p on p.id = s.program_id`;
  return `
    select min(at_ms) - (${t.terms.nowMs}) as wait_ms
    from (${ofSlots} union all select * from (${untilGivenSlotsSql(t)}) recent) free`;
}
