import { whetherMet } from '../../program/holders.js';
import { monotonicMs } from '../../program/monotonic-clock.js';
import type { Renew } from '../../program-handler/index.js';
import { within } from '../../within.js';
import { isHeld, KeptLeases, type KeptLease } from './kept-leases.js';
import type { LeasePage } from './lease-page.js';

/** Why a claim is held no longer: the database said so, it did not answer in time, or the event loop hung. */
export type LossReason = 'refused' | 'expired' | 'blocked';

/** The claim that had this slot under this generation. */
export interface LeaseKey {
  readonly slot: number;
  readonly generation: number;
}

/** What became of leases. */
export type LeaseReport =
  | { readonly kind: 'renewed'; readonly keys: readonly LeaseKey[] }
  | { readonly kind: 'lost'; readonly reason: LossReason; readonly keys: readonly LeaseKey[] };

/** The share of the lease after which a claim is given up that could not be renewed. */
const GIVE_UP_AT = 0.75;

/** Whether a claim is to be given up: another worker may take it over soon. */
export function isOverdue(sinceMs: number, leaseMs: number): boolean {
  return sinceMs < monotonicMs() - leaseMs * GIVE_UP_AT;
}

const TICKS_A_LEASE = 8;
/** A renewal under way is waited for that long when all is over, in milliseconds: a database may be silent. */
const CLOSE_MS = 2_000;

/**
 * Renews the leases of all claims of a worker, each quarter of the lease, and gives up a claim in time
 * before another worker may take it over. Runs in the lease thread or, without one, in the main thread.
 */
export class LeaseKeeper {
  readonly #leaseMs: number;
  readonly #renew: Renew;
  readonly #report: (report: LeaseReport) => void;
  readonly #leases = new KeptLeases();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #renewing: Promise<void> | undefined;

  constructor(leaseMs: number, renew: Renew, report: (report: LeaseReport) => void) {
    this.#leaseMs = leaseMs;
    this.#renew = renew;
    this.#report = report;
    this.#timer = setInterval(() => this.#tick(), leaseMs / TICKS_A_LEASE).unref();
  }

  /** Keeps the leases of the claims that are written there. */
  add(page: LeasePage): void {
    this.#leases.add(page);
  }

  /** Gives up everything at once. */
  giveUp(reason: LossReason): void {
    this.#lose(this.#leases.held(), reason);
  }

  /** Resolves when no renewal is under way, or soon after. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#renewing) await within(CLOSE_MS, this.#renewing);
  }

  #tick(): void {
    this.#expire();
    this.#ticks += 1;
    if (this.#ticks % 2 !== 0 || this.#renewing) return;
    const held = this.#leases.held();
    if (held.length === 0) return;
    this.#renewing = this.#renewAll(held).finally(() => (this.#renewing = undefined));
  }

  #expire(): void {
    this.#lose(
      this.#leases.held().filter(({ sinceMs }) => isOverdue(sinceMs, this.#leaseMs)),
      'expired',
    );
  }

  async #renewAll(asked: readonly KeptLease[]): Promise<void> {
    const sentAtMs = monotonicMs();
    try {
      const claims = asked.map(({ claim }) => claim);
      const isMet = whetherMet(claims, await this.#renew(claims));
      this.#renewed(
        asked.filter((lease, index) => isMet[index] && isHeld(lease)),
        sentAtMs,
      );
      this.#lose(
        asked.filter((lease, index) => !isMet[index] && isHeld(lease)),
        'refused',
      );
    } catch {
      // The database does not answer: the next tick tries again, and #expire gives up in time.
    }
  }

  #renewed(leases: readonly KeptLease[], sentAtMs: number): void {
    const first = leases.filter(({ isRenewed }) => !isRenewed);
    for (const lease of leases) {
      lease.sinceMs = sentAtMs;
      lease.isRenewed = true;
      lease.slot.noteRenewal(lease.generation, sentAtMs);
    }
    if (first.length > 0) this.#report({ kind: 'renewed', keys: first.map(keyOf) });
  }

  #lose(leases: readonly KeptLease[], reason: LossReason): void {
    for (const lease of leases) lease.isGivenUp = true;
    if (leases.length > 0) this.#report({ kind: 'lost', reason, keys: leases.map(keyOf) });
  }
}

function keyOf({ slot, generation }: KeptLease): LeaseKey {
  return { slot: slot.number, generation };
}
