import { monotonicMs, msUntil } from '../../program/monotonic-clock.js';

/** A claim whose row has not shown for so long was rolled back, in milliseconds. */
const ROLLED_BACK_MS = 10_000;

interface OwnClaim {
  readonly dueAtMs: number;
  /** Its programs that have not left. */
  readonly running: Set<number>;
}

/**
 * What this process has claimed without slots, and what of it has left since: it need not ask the database, which does
 * not know what became of a program whose row is gone.
 */
export class OwnClaims {
  readonly #claims = new Map<string, OwnClaim>();

  /** @param recentMs for how long a claim is recent, in milliseconds */
  constructor(private readonly recentMs: number) {}

  made(claimedBy: string, programIds: readonly number[]): void {
    this.#claims.set(claimedBy, { dueAtMs: monotonicMs() + this.recentMs, running: new Set(programIds) });
  }

  /** To be told after the commit: one that is said to have left gets no slot any more. */
  left(claimedBy: string, programId: number): void {
    this.#claims.get(claimedBy)?.running.delete(programId);
  }

  /** Milliseconds until one is recent no more; undefined: there is none. */
  untilDueMs(): number | undefined {
    // In the order in which they were made.
    const [first] = this.#claims.values();
    return first && msUntil(first.dueAtMs);
  }

  /** Those that are recent no more. */
  due(): string[] {
    return [...this.#claims]
      .filter(([, { dueAtMs }]) => msUntil(dueAtMs) === 0)
      .map(([claimedBy]) => claimedBy);
  }

  all(): string[] {
    return [...this.#claims.keys()];
  }

  /** Which of the programs of a claim have not left, as far as this process knows: all, where it is another's. */
  stillRunning(claimedBy: string, programIds: readonly number[]): number[] {
    const own = this.#claims.get(claimedBy);
    return programIds.filter((id) => !own || own.running.has(id));
  }

  forget(claims: readonly string[]): void {
    for (const claimedBy of claims) this.#claims.delete(claimedBy);
  }

  /** Those whose rows have not shown. */
  forgetRolledBack(): void {
    for (const [claimedBy, { dueAtMs }] of this.#claims)
      if (monotonicMs() > dueAtMs + ROLLED_BACK_MS) this.#claims.delete(claimedBy);
  }
}
