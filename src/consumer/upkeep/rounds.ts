import { within } from '../../within.js';

/** How long a round that is under way may take to end when no more are wanted, in milliseconds. */
const STOP_TIMEOUT_MS = 1_000;

/** Work that is done again and again, never twice at once. Keeps no process alive. */
export class Rounds {
  readonly #work: () => Promise<number>;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isStopped = false;

  /** @param work never rejects; resolves with how long to wait until the next round, in milliseconds */
  constructor(firstAfterMs: number, work: () => Promise<number>) {
    this.#work = work;
    this.#waitFor(firstAfterMs);
  }

  /** Resolves when no round is under way, or when it takes too long. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    if (this.#underWay) await within(STOP_TIMEOUT_MS, this.#underWay);
  }

  #waitFor(pauseMs: number): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#underWay = this.#work().then((nextPauseMs) => {
        this.#underWay = undefined;
        this.#waitFor(nextPauseMs);
      });
    }, pauseMs).unref();
  }
}
