/** A search that goes on where the last one ended starts anew after so long, in milliseconds. */
const ANEW_AFTER_MS = 1_000;

/**
 * Where in a backlog the next poll begins. Rows that were claimed or have ended stay at the head of the
 * index for a while, PostgreSQL's until the next vacuum: each poll would walk past all of them again. So a
 * poll after one that came back full goes on from there, for a second; what became due earlier meanwhile,
 * because a worker died say, is found when it starts anew.
 */
export class PollProgress {
  #fromMs = 0;
  #startedAtMs = -Infinity;

  /** Epoch milliseconds of `due_at` to begin with. */
  from(monotonicNowMs: number): number {
    if (monotonicNowMs - this.#startedAtMs < ANEW_AFTER_MS) return this.#fromMs;
    this.#startedAtMs = monotonicNowMs;
    this.#fromMs = 0;
    return 0;
  }

  found(rows: readonly { readonly dueAtMs: number }[], limit: number): void {
    this.#fromMs = rows.length < limit ? 0 : rows.reduce((max, { dueAtMs }) => Math.max(max, dueAtMs), 0);
  }
}
