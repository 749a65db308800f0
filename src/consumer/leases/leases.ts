import type { HeldClaim, LeaseSlot } from './lease-slot.js';
import type { LeaseKey, LeaseReport, LossReason } from './lease-keeper.js';
import type { LeaseService } from './lease-service.js';
import { LeaseSlots } from './lease-slots.js';

/** Hears what becomes of one lease. */
export interface LeaseListener {
  /** At its first renewal: the program runs for longer than a moment. */
  onRenewed(): void;
  /** Once; nothing follows. */
  onLost(reason: LossReason): void;
}

export interface Lease {
  /** When the statement was sent that it counts from: its claim or the last successful renewal; by the monotonic clock. */
  sinceMs(): number;
  /** Stops its renewal; nothing is heard of it afterwards. */
  release(): void;
}

interface Entry {
  readonly slot: LeaseSlot;
  readonly generation: number;
  readonly listener: LeaseListener;
}

/**
 * The leases of a worker. A claim is held as soon as it is written into its slot, which takes no turn of the
 * event loop, so its job may block the loop at once.
 */
export class Leases {
  readonly #slots = new LeaseSlots((page) => this.#service?.add(page));
  /** By the number of the slot. */
  readonly #entries: (Entry | undefined)[] = [];
  #service: LeaseService | undefined;

  /** Hands everything that is held to this service, from now on. */
  use(service: LeaseService): void {
    this.#service = service;
    for (const page of this.#slots.pages) service.add(page);
  }

  hold(claim: HeldClaim, listener: LeaseListener): Lease {
    const slot = this.#slots.take(claim);
    const entry = { slot, generation: slot.generation, listener };
    this.#entries[slot.number] = entry;
    return {
      sinceMs: () => slot.renewedAtMs(entry.generation) ?? claim.claimedAtMs,
      release: () => this.#release(entry),
    };
  }

  report(report: LeaseReport): void {
    for (const key of report.keys) {
      const entry = this.#find(key);
      if (report.kind === 'renewed') entry?.listener.onRenewed();
      else if (entry) {
        this.#release(entry);
        entry.listener.onLost(report.reason);
      }
    }
  }

  async close(): Promise<void> {
    await this.#service?.close();
  }

  #find({ slot, generation }: LeaseKey): Entry | undefined {
    const entry = this.#entries[slot];
    return entry?.generation === generation ? entry : undefined;
  }

  #release(entry: Entry): void {
    const { slot } = entry;
    if (this.#entries[slot.number] !== entry) return;
    this.#entries[slot.number] = undefined;
    this.#slots.release(slot);
  }
}
