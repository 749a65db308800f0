/** A search that goes on where the last one ended starts anew after so long, in milliseconds. */
const ANEW_AFTER_MS = 1_000;
/** The part of the time that searches from the start may take, as a divisor. */
const ANEW_SHARE = 20;
/** However long they take, the next one is made after so long, in milliseconds. */
const ANEW_AT_LATEST_MS = 60_000;

/** Of which it is remembered how far they were searched. */
const MOST_REMEMBERED = 10_000;

/** A search that has come back. */
export interface Searched {
  /** Where it began. */
  readonly from: number;
  readonly sentAtMs: number;
}

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

  /** Where to begin: epoch milliseconds of `due_at`, say. */
  from(monotonicNowMs: number): number {
    if (monotonicNowMs < this.#anewAtMs) return this.#position;
    this.#anewAtMs = monotonicNowMs + ANEW_AFTER_MS;
    return 0;
  }

  found(
    rows: readonly { readonly dueAtMs: number }[],
    limit: number,
    search: Searched,
    monotonicNowMs: number,
  ): void {
    const latestMs = rows.reduce((max, { dueAtMs }) => Math.max(max, dueAtMs), 0);
    this.goOnFrom(rows.length < limit ? 0 : latestMs, search, monotonicNowMs);
  }

  /** The next search begins there. */
  goOnFrom(position: number, { from, sentAtMs }: Searched, monotonicNowMs: number): void {
    // Another one has started anew meanwhile, and found something before that.
    if (from > this.#position) return;
    this.#position = position;
    if (from > 0) return;
    const restMs = Math.min((monotonicNowMs - sentAtMs) * ANEW_SHARE, ANEW_AT_LATEST_MS);
    this.#anewAtMs = Math.max(this.#anewAtMs, sentAtMs + restMs);
  }
}

/** What is known of the one with this id. */
export function progressOf(known: Map<number, PollProgress>, id: number): PollProgress {
  const found = known.get(id);
  if (found) return found;
  if (known.size > MOST_REMEMBERED) known.clear();
  const made = new PollProgress();
  known.set(id, made);
  return made;
}
