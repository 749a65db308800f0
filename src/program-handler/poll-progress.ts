/** A search that goes on where the last one ended starts anew after so long, in milliseconds. */
const ANEW_AFTER_MS = 1_000;
/** The part of the time that searches from the start may take, as a divisor. */
const ANEW_SHARE = 20;

/**
 * Where in a backlog the next poll begins. Rows that were claimed or have ended stay at the head of the
 * index for a while, PostgreSQL's until the next vacuum, which keeps them as long as any transaction might see
 * them: each poll would walk past all of them again. So a poll after one that came back full goes on from there,
 * for a second, or longer where starting anew takes long; what became due earlier meanwhile, because a worker died
 * say, is found when it starts anew.
 */
export class PollProgress {
  #position = 0;
  #anewAtMs = -Infinity;
  /** When the search from the start was sent that has not come back. */
  #sentAtMs: number | undefined;

  /** Where to begin: epoch milliseconds of `due_at`, say. */
  from(monotonicNowMs: number): number {
    if (monotonicNowMs < this.#anewAtMs) return this.#position;
    this.#sentAtMs = monotonicNowMs;
    this.#anewAtMs = monotonicNowMs + ANEW_AFTER_MS;
    this.#position = 0;
    return 0;
  }

  found(rows: readonly { readonly dueAtMs: number }[], limit: number, monotonicNowMs: number): void {
    const latestMs = rows.reduce((max, { dueAtMs }) => Math.max(max, dueAtMs), 0);
    this.goOnFrom(rows.length < limit ? 0 : latestMs, monotonicNowMs);
  }

  /** The search has come back, and the next one is to begin there. */
  goOnFrom(position: number, monotonicNowMs: number): void {
    this.#position = position;
    if (this.#sentAtMs === undefined) return;
    const tookMs = monotonicNowMs - this.#sentAtMs;
    this.#anewAtMs = this.#sentAtMs + Math.max(ANEW_AFTER_MS, tookMs * ANEW_SHARE);
    this.#sentAtMs = undefined;
  }
}
