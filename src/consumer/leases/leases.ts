import type { ClaimedProgram } from '../../program/program.js';
import type { HeldClaim, LeaseReport, LossReason } from './lease-keeper.js';
import type { LeaseService } from './lease-service.js';

/** Hears what becomes of one lease. */
export interface LeaseListener {
  /** At its first renewal: the program runs for longer than a moment. */
  onRenewed(): void;
  /** Once; nothing follows. */
  onLost(reason: LossReason): void;
}

export interface Lease {
  /** Stops its renewal; nothing is heard of it afterwards. */
  release(): void;
}

interface Entry {
  readonly claim: HeldClaim;
  readonly listener: LeaseListener;
}

/**
 * The leases of a worker. What is held and released within one turn of the event loop goes to the service
 * together, before any job of that turn can block the loop.
 */
export class Leases {
  readonly #entries = new Map<string, Entry>();
  #service: LeaseService | undefined;
  #toHold: HeldClaim[] = [];
  #toRelease: string[] = [];
  #isScheduled = false;

  /** Hands everything that is held to this service, from now on. */
  use(service: LeaseService): void {
    this.#service = service;
    this.#toHold = [...this.#entries.values()].map(({ claim }) => claim);
    this.#flush();
  }

  hold(program: ClaimedProgram, listener: LeaseListener): Lease {
    const { id, fence, claimedBy, claimedAtMs } = program;
    const key = `${id}:${fence}`;
    const claim: HeldClaim = { key, id, fence, claimedBy, sinceMs: claimedAtMs };
    this.#entries.set(key, { claim, listener });
    this.#toHold.push(claim);
    this.#schedule();
    return { release: () => this.#release(key) };
  }

  report(report: LeaseReport): void {
    for (const key of report.keys) {
      const entry = this.#entries.get(key);
      if (!entry) continue;
      if (report.kind === 'renewed') entry.listener.onRenewed();
      else {
        this.#entries.delete(key);
        entry.listener.onLost(report.reason);
      }
    }
  }

  async close(): Promise<void> {
    await this.#service?.close();
  }

  #release(key: string): void {
    if (!this.#entries.delete(key)) return;
    this.#toRelease.push(key);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    const [held, released] = [this.#toHold, this.#toRelease];
    [this.#toHold, this.#toRelease] = [[], []];
    if (held.length > 0) this.#service?.hold(held);
    if (released.length > 0) this.#service?.release(released);
  }
}
