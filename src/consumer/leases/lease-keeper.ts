import { monotonicMs } from '../../program/monotonic-clock.js';
import type { Claim, Renew } from '../../program-handler/index.js';

/** A claim whose lease is to be renewed. */
export interface HeldClaim extends Claim {
  readonly key: string;
  /** When the statement was sent that the lease counts from, by the monotonic clock. */
  readonly sinceMs: number;
}

/** Why a claim is held no longer: the database said so, it did not answer in time, or the event loop hung. */
export type LossReason = 'refused' | 'expired' | 'blocked';

/** What became of leases, by the keys of their claims. */
export type LeaseReport =
  | { readonly kind: 'renewed'; readonly keys: readonly string[] }
  | { readonly kind: 'lost'; readonly reason: LossReason; readonly keys: readonly string[] };

interface Held {
  readonly claim: HeldClaim;
  sinceMs: number;
  isReported: boolean;
}

/** The share of the lease after which a claim is given up that could not be renewed. */
const GIVE_UP_AT = 0.75;
const TICKS_A_LEASE = 8;

/**
 * Renews the leases of all claims of a worker, each quarter of the lease, and gives up a claim in time
 * before another worker may take it over. Runs in the lease thread or, without one, in the main thread.
 */
export class LeaseKeeper {
  readonly #leaseMs: number;
  readonly #renew: Renew;
  readonly #report: (report: LeaseReport) => void;
  readonly #held = new Map<string, Held>();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #renewing: Promise<void> | undefined;

  constructor(leaseMs: number, renew: Renew, report: (report: LeaseReport) => void) {
    this.#leaseMs = leaseMs;
    this.#renew = renew;
    this.#report = report;
    this.#timer = setInterval(() => this.#tick(), leaseMs / TICKS_A_LEASE).unref();
  }

  hold(claims: readonly HeldClaim[]): void {
    for (const claim of claims)
      this.#held.set(claim.key, { claim, sinceMs: claim.sinceMs, isReported: false });
  }

  release(keys: readonly string[]): void {
    for (const key of keys) this.#held.delete(key);
  }

  /** Gives up everything at once. */
  giveUp(reason: LossReason): void {
    this.#lose([...this.#held.keys()], reason);
  }

  /** Resolves when no renewal is under way. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
  }

  #tick(): void {
    this.#expire();
    this.#ticks += 1;
    if (this.#ticks % 2 === 0 && this.#held.size > 0) this.#renewing ??= this.#renewAll();
  }

  #expire(): void {
    const oldest = monotonicMs() - this.#leaseMs * GIVE_UP_AT;
    const expired = [...this.#held.values()].filter(({ sinceMs }) => sinceMs < oldest);
    this.#lose(
      expired.map(({ claim }) => claim.key),
      'expired',
    );
  }

  async #renewAll(): Promise<void> {
    const sentAtMs = monotonicMs();
    const asked = [...this.#held.values()];
    try {
      const ids = new Set(await this.#renew(asked.map(({ claim }) => claim)));
      this.#renewed(
        asked.filter(({ claim }) => ids.has(claim.id)),
        sentAtMs,
      );
      this.#lose(
        asked.filter(({ claim }) => !ids.has(claim.id)).map(({ claim }) => claim.key),
        'refused',
      );
    } catch {
      // The database does not answer: the next tick tries again, and #expire gives up in time.
    } finally {
      this.#renewing = undefined;
    }
  }

  #renewed(held: readonly Held[], sentAtMs: number): void {
    for (const lease of held) lease.sinceMs = sentAtMs;
    const first = held.filter(({ isReported }) => !isReported);
    for (const lease of first) lease.isReported = true;
    if (first.length > 0) this.#report({ kind: 'renewed', keys: first.map(({ claim }) => claim.key) });
  }

  #lose(keys: readonly string[], reason: LossReason): void {
    const lost = keys.filter((key) => this.#held.delete(key));
    if (lost.length > 0) this.#report({ kind: 'lost', reason, keys: lost });
  }
}
