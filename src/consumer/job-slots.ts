/** Slots from which on a worker has more programs under way than it runs jobs at once. */
const LOOK_AHEAD_FROM = 50;
/** So many times as many. */
const PROGRAMS_A_SLOT = 2.5;

/**
 * The jobs that a worker runs at once. A program needs a slot while its job runs, and none while the database writes
 * down how that ended: so its slot is another one's meanwhile, and a worker with short jobs has more programs under
 * way than slots. One with few slots runs program after program all the same.
 */
export class JobSlots {
  /** Most programs under way. */
  readonly programs: number;
  /**
   * Most hints: a busy worker finds the next one here instead of a round trip away. One with few slots takes none that
   * it has no slot for: another worker may have one.
   */
  readonly hints: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;
  #isClosed = false;
  #onFree: () => void = () => undefined;

  constructor(most: number) {
    this.#most = most;
    const looksAhead = most >= LOOK_AHEAD_FROM;
    this.programs = looksAhead ? Math.floor(most * PROGRAMS_A_SLOT) : most;
    this.hints = looksAhead ? this.programs + most : most;
  }

  /** Jobs that run just now. */
  get taken(): number {
    return this.#taken;
  }

  /** Slots that no job has, and that no program waits for. */
  get free(): number {
    return Math.max(0, this.#most - this.#taken - this.#waiting.length);
  }

  /** Calls back whenever a slot becomes free that no program waits for. */
  whenFree(callback: () => void): void {
    this.#onFree = callback;
  }

  /** Does `work` in a slot, as soon as there is one. */
  async use<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#taken < this.#most || this.#isClosed) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#giveOn();
    }
  }

  /** No job is to start any more: whoever waits is let in, to find that out. */
  close(): void {
    this.#isClosed = true;
    const waiting = this.#waiting.splice(0);
    this.#taken += waiting.length;
    for (const enter of waiting) enter();
  }

  #giveOn(): void {
    const next = this.#waiting.shift();
    // It stays taken: nobody else is to come between.
    if (next) return next();
    this.#taken -= 1;
    this.#onFree();
  }
}
