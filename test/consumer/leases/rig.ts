import { LeaseKeeper, type LeaseReport } from '../../../src/consumer/leases/lease-keeper.js';
import type { HeldClaim } from '../../../src/consumer/leases/lease-slot.js';
import { Leases } from '../../../src/consumer/leases/leases.js';
import { monotonicMs } from '../../../src/program/monotonic-clock.js';
import type { Claim } from '../../../src/program-handler/index.js';

/** A renewal that the keeper asked the database for. */
export interface AskedRenewal {
  readonly claims: readonly Claim[];
  readonly ids: readonly number[];
  grant(ids?: readonly number[]): void;
  fail(): void;
}

export function claimOf(id: number, changes: Partial<HeldClaim> = {}): HeldClaim {
  return { id, fence: 1, claimedBy: `host:1:${id}`, claimedAtMs: monotonicMs(), ...changes };
}

/** Leases and their keeper, with the test in the place of the database. */
export class LeaseRig {
  readonly leases = new Leases();
  /** What the holders heard: '1 renewed', '1 lost: refused'. */
  readonly heard: string[] = [];
  readonly asked: AskedRenewal[] = [];
  readonly reports: LeaseReport[] = [];
  readonly #keepers: LeaseKeeper[] = [];
  #onEvent: () => void = () => undefined;

  start(leaseMs: number): LeaseKeeper {
    const keeper = new LeaseKeeper(
      leaseMs,
      (claims) => this.#ask(claims),
      (report) => {
        this.reports.push(report);
        this.leases.report(report);
      },
    );
    this.#keepers.push(keeper);
    this.leases.use(keeper);
    return keeper;
  }

  hold(claim: HeldClaim) {
    const hear = (what: string) => {
      this.heard.push(`${claim.id} ${what}`);
      this.#onEvent();
    };
    return this.leases.hold(claim, {
      onRenewed: () => hear('renewed'),
      onLost: (reason) => hear(`lost: ${reason}`),
    });
  }

  async renewal(index: number): Promise<AskedRenewal> {
    while (this.asked.length <= index) await this.#event();
    return this.asked[index]!;
  }

  async hears(count: number): Promise<string[]> {
    while (this.heard.length < count) await this.#event();
    return this.heard;
  }

  async close(): Promise<void> {
    for (const { fail } of this.asked) fail();
    await Promise.all(this.#keepers.map((keeper) => keeper.close()));
  }

  #ask(claims: readonly Claim[]): Promise<number[]> {
    const ids = claims.map(({ id }) => id);
    return new Promise((resolve, reject) => {
      const grant = (granted: readonly number[] = ids) => resolve([...granted]);
      this.asked.push({ claims, ids, grant, fail: () => reject(new Error('away')) });
      this.#onEvent();
    });
  }

  #event(): Promise<void> {
    return new Promise((resolve) => (this.#onEvent = resolve));
  }
}
