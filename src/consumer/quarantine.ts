import { setImmediate } from 'node:timers/promises';

/**
 * Lets one suspect run at a time: a program whose workers died on its step more than once. Were several run
 * together, the one that kills its worker would take the innocent along again and again, until all of them
 * had been lost too often.
 */
export class Quarantine {
  readonly #leaving = new Set<Promise<unknown>>();
  #occupant: object | undefined;

  /** True when `who` is, or is now, the one suspect that runs. */
  enter(who: object): boolean {
    this.#occupant ??= who;
    return this.#occupant === who;
  }

  leave(who: object): void {
    if (this.#occupant === who) this.#occupant = undefined;
  }

  /** Another suspect gives its program back: resolves when `recorded` does. */
  async giveBack<T>(recorded: Promise<T>): Promise<T> {
    this.#leaving.add(recorded);
    try {
      return await recorded;
    } finally {
      this.#leaving.delete(recorded);
    }
  }

  /** Resolves when the others that were claimed together with the occupant are given back. */
  async alone(): Promise<void> {
    // Their runs begin in this very turn of the event loop.
    await setImmediate();
    await Promise.allSettled(this.#leaving);
  }
}
