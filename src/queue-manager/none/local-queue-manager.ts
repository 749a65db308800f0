import { ClosedError } from '../../errors/index.js';
import type { Hint, HintNote, QueueManager, SubscribeOptions, Subscription } from '../queue-manager.js';

/** Hints beyond this are dropped: the poll finds their rows. */
const MAX_BACKLOG = 10_000;

interface Subscriber extends SubscribeOptions {
  unsettled: number;
}

/** The doorbell without a broker: wakes the subscribers of this very process; others find rows by the poll. */
export function createLocalQueueManager(): QueueManager {
  return new LocalQueueManager();
}

class LocalQueueManager implements QueueManager {
  readonly distributed = false;
  /** Notes by `runId`: a program that is rung for twice while it waits is one hint. */
  readonly #backlog = new Map<string, HintNote | undefined>();
  readonly #subscribers = new Set<Subscriber>();
  #scheduled = false;
  #closed = false;

  ring(runIds: readonly string[], note?: HintNote): Promise<void> {
    for (const runId of runIds) this.#keep(runId, note);
    this.#schedule();
    return Promise.resolve();
  }

  subscribe(options: SubscribeOptions): Subscription {
    if (this.#closed) throw new ClosedError('subscribe');
    const subscriber = { ...options, unsettled: 0 };
    this.#subscribers.add(subscriber);
    this.#schedule();
    return { cancel: () => Promise.resolve(void this.#subscribers.delete(subscriber)) };
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#backlog.clear();
    this.#subscribers.clear();
    return Promise.resolve();
  }

  #keep(runId: string, note: HintNote | undefined): void {
    if (this.#closed || this.#backlog.size >= MAX_BACKLOG) return;
    this.#backlog.set(runId, note ?? this.#backlog.get(runId));
  }

  /** Never within the call that rings or settles: callers need not be re-entrant. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    for (const [runId, note] of this.#backlog) {
      const subscriber = this.#mostFree();
      if (!subscriber) return;
      this.#backlog.delete(runId);
      subscriber.unsettled += 1;
      subscriber.onHint(this.#createHint(runId, note, subscriber));
    }
  }

  #mostFree(): Subscriber | undefined {
    const free = (subscriber: Subscriber): number => subscriber.prefetch - subscriber.unsettled;
    const [first] = [...this.#subscribers].sort((a, b) => free(b) - free(a));
    return first && free(first) > 0 ? first : undefined;
  }

  #createHint(runId: string, note: HintNote | undefined, subscriber: Subscriber): Hint {
    let settled = false;
    const settle = (giveBack: boolean): void => {
      if (settled) return;
      settled = true;
      subscriber.unsettled -= 1;
      if (giveBack) this.#keep(runId, note);
      this.#schedule();
    };
    return { runId, note, ack: () => settle(false), requeue: () => settle(true) };
  }
}
