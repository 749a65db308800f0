import { setTimeout as sleep } from 'node:timers/promises';
import { ClosedError } from '../../errors/index.js';
import { reconnectDelayMs } from './back-off.js';

/** Something open that may die at any moment. */
export interface Perishable {
  readonly alive: boolean;
  /** Resolves when it has died: with the reason, or with undefined when it went down with what it stood on. */
  readonly ended: Promise<unknown>;
  /** Resolves when it has ended. Never rejects. */
  close(): Promise<void>;
}

export interface KeeperOptions<R extends Perishable> {
  /** Opens it; to be given up when the signal aborts. */
  open(signal: AbortSignal): Promise<R>;
  onOpened?(resource: R): void;
  onLost(reason: unknown): void;
  onFailed(error: unknown): void;
  /** A number in [0, 1), for the jitter. */
  random(): number;
}

interface Waiter<R> {
  resolve(resource: R): void;
  reject(error: unknown): void;
}

/** A life shorter than this does not make an opening a success that the back-off starts afresh from. */
const STABLE_MS = 10_000;

/** Keeps one thing open: opens it again, after a growing delay, whenever it died or could not be opened. */
export class Keeper<R extends Perishable> {
  readonly #options: KeeperOptions<R>;
  readonly #stopping = new AbortController();
  readonly #closing = new AbortController();
  readonly #waiters: Waiter<R>[] = [];
  #current: R | undefined;
  #running: Promise<void> | undefined;
  #attempt = 0;

  constructor(options: KeeperOptions<R>) {
    this.#options = options;
  }

  get current(): R | undefined {
    return this.#current?.alive ? this.#current : undefined;
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Starts opening; without it, and without `next`, nothing is opened at all. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** What is open now, or the next to be; rejects when the keeper stops before. */
  next(): Promise<R> {
    if (this.stopped) return Promise.reject(new ClosedError('connect'));
    this.start();
    const { current } = this;
    if (current) return Promise.resolve(current);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Opens nothing any more; what is open, or just being opened, stays. */
  stop(): void {
    this.#stopping.abort();
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new ClosedError('connect'));
  }

  /** Stops, closes what is open, and resolves when nothing is left. */
  async close(): Promise<void> {
    this.stop();
    this.#closing.abort();
    await this.#current?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.stopped) {
      const goOnAtOnce = await this.#openOnce(this.#closing.signal);
      if (!goOnAtOnce) await this.#pause(this.#stopping.signal);
    }
  }

  /** True when what was opened went down with what it stood on: that one has a back-off of its own. */
  async #openOnce(signal: AbortSignal): Promise<boolean> {
    try {
      const resource = await this.#options.open(signal);
      this.#current = resource;
      if (signal.aborted) await resource.close();
      return (await this.#live(resource)) === undefined;
    } catch (error) {
      if (!this.stopped) this.#options.onFailed(error);
      return false;
    }
  }

  async #live(resource: R): Promise<unknown> {
    const openedAt = performance.now();
    if (!this.stopped) this.#options.onOpened?.(resource);
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(resource);
    const reason = await resource.ended;
    this.#current = undefined;
    if (performance.now() - openedAt > STABLE_MS) this.#attempt = 0;
    if (!this.stopped) this.#options.onLost(reason);
    return reason;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const delayMs = reconnectDelayMs(this.#attempt, this.#options.random());
    this.#attempt += 1;
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}
