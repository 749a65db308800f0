/**
 * The answers to the statements of one transaction that return nothing. Where statements may be sent before the last
 * one was answered, these are waited for at the end: a transaction that would make ten round trips makes six. When
 * one fails, the server refuses all that follow, the commit too.
 */
export class Answers {
  readonly #isPipelined: boolean;
  readonly #open: Promise<unknown>[] = [];

  constructor(isPipelined: boolean) {
    this.#isPipelined = isPipelined;
  }

  /** Resolves at once where this answer need not be waited for yet. */
  async later(answer: Promise<unknown>): Promise<void> {
    this.#open.push(answer);
    // Heard in `all`.
    answer.catch(() => undefined);
    if (!this.#isPipelined) await answer;
  }

  /** Rejects with the first fault. */
  async all(): Promise<void> {
    for (const answer of this.#open) await answer;
  }

  /** The one that made the server refuse the others; undefined: none of these has failed. */
  async firstFault(): Promise<unknown> {
    const settled = await Promise.allSettled(this.#open);
    return settled.find((answer) => answer.status === 'rejected')?.reason as unknown;
  }
}
