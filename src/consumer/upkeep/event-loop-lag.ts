/** How often the loop is looked at, in milliseconds: a block is seen for what of it falls behind such a moment. */
const LOOK_EVERY_MS = 1_000;

/** How late the timers of this process are. */
export class EventLoopLag {
  readonly #timer: NodeJS.Timeout;
  #expectedAtMs = performance.now() + LOOK_EVERY_MS;
  #longestMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** The longest delay since the last call, in whole milliseconds. */
  take(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return Math.round(longestMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const nowMs = performance.now();
    this.#longestMs = Math.max(this.#longestMs, nowMs - this.#expectedAtMs);
    this.#expectedAtMs = nowMs + LOOK_EVERY_MS;
  }
}
