/** No statement that changes something begins so. */
const ONLY_READS = /^\s*select\b/i;

/**
 * The answers to the statements of one transaction. Where statements may be sent before the last one was answered,
 * those that return nothing are waited for at the end: a transaction that would make ten round trips makes six. When
 * one fails, the server refuses all that follow, the commit too. Only BEGIN is different: without it the server keeps
 * what follows, each for itself. Therefore nothing is sent with it but what reads.
 */
export class Answers {
  readonly #isPipelined: boolean;
  readonly #open: Promise<unknown>[] = [];
  #begun: Promise<unknown> = Promise.resolve();
  #isHeldBack = false;

  constructor(isPipelined: boolean) {
    this.#isPipelined = isPipelined;
  }

  /** @param answer to BEGIN */
  async begin(answer: Promise<unknown>): Promise<void> {
    this.#begun = this.#note(answer);
    if (!this.#isPipelined) await answer;
  }

  /** Sends a statement, and resolves with its answer. */
  async read<T>(text: string, send: () => Promise<T>): Promise<T> {
    await this.#turnOf(text);
    return this.#note(send());
  }

  /** The same, but resolves as soon as it is sent where its answer need not be waited for yet. */
  async run(text: string, send: () => Promise<unknown>): Promise<void> {
    await this.#turnOf(text);
    const answer = this.#note(send());
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

  /** What is asked for behind a statement that is held back must not overtake it. */
  async #turnOf(text: string): Promise<void> {
    this.#isHeldBack ||= !ONLY_READS.test(text);
    if (this.#isHeldBack) await this.#begun;
  }

  #note<T>(answer: Promise<T>): Promise<T> {
    this.#open.push(answer);
    // Heard in `all`.
    answer.catch(() => undefined);
    return answer;
  }
}
