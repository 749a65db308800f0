import type { ConfirmChannel } from 'amqplib';
import { ClosedError } from '../../errors/index.js';
import { NotConfirmedError, type DispatchFailures } from './dispatch-failures.js';
import type { EarlyQueue } from './early-queue.js';
import type { Keeper } from './keeper.js';
import type { Link } from './link.js';
import { openConfirmChannel, type LiveChannel } from './live-channel.js';
import type { QueueSetUp } from './queue-set-up.js';
import type { Ring } from './ring.js';
import { Sender } from './sender.js';

export interface PublisherOptions {
  link: Link;
  queueName: string;
  queueSetUp: QueueSetUp;
  earlyQueue: EarlyQueue;
  failures: DispatchFailures;
  confirmTimeoutMs: number;
}

/** With this many hints unconfirmed, further rings fail: a blocked broker must not eat our memory. */
const MAX_UNCONFIRMED = 50_000;

/** Rings: sends hints while there is a channel, holds them briefly while one is being opened. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #channel: Keeper<LiveChannel<ConfirmChannel>>;
  readonly #rings = new Set<Ring>();
  readonly #waiting = new Set<Ring>();
  #sender: Sender | undefined;
  /** Why the last attempt to open the channel failed: until one succeeds, every ring fails at once. */
  #failure: unknown;
  #unconfirmed = 0;
  #closed = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#channel = options.link.keepChannel({
      open: async (connection) => {
        await options.queueSetUp.run(connection);
        return openConfirmChannel(connection);
      },
      onOpened: (live) => this.#onOpened(live),
      onFailed: (error) => this.#onFailed(error),
    });
  }

  /** Resolves when every hint is confirmed, or has failed and was reported. */
  async ring(ring: Ring): Promise<void> {
    const timer = setTimeout(() => this.#onTimeout(ring), this.#options.confirmTimeoutMs);
    this.#rings.add(ring);
    this.#take(ring);
    const failure = await ring.done;
    clearTimeout(timer);
    this.#rings.delete(ring);
    if (failure) this.#options.failures.report(failure);
  }

  /** Takes no more rings, and waits up to `timeoutMs` for those under way. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    const timer = setTimeout(() => this.#giveUp(), timeoutMs);
    await Promise.all([...this.#rings].map((ring) => ring.done));
    clearTimeout(timer);
  }

  #take(ring: Ring): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) return ring.failRest(refusal);
    this.#unconfirmed += ring.unsettled.length;
    if (this.#channel.current && this.#sender) return this.#send(ring, this.#sender);
    this.#waiting.add(ring);
    this.#channel.start();
  }

  #refusal(): unknown {
    if (this.#closed) return new ClosedError('ring');
    if (this.#unconfirmed >= MAX_UNCONFIRMED) return new Error('Too many hints are not confirmed yet');
    return this.#failure;
  }

  #send(ring: Ring, sender: Sender): void {
    for (const runId of ring.unsettled) {
      sender.send({ runId, note: ring.note }, (error) => {
        this.#unconfirmed -= 1;
        if (error === undefined) ring.confirm(runId);
        else ring.fail(runId, error);
      });
    }
  }

  #onOpened(live: LiveChannel<ConfirmChannel>): void {
    this.#failure = undefined;
    const { queueName, earlyQueue } = this.#options;
    // Opening the channel again goes through the set-up of the queue.
    const onUnroutable = (error: Error): void => live.end(error);
    this.#sender = new Sender({ channel: live.channel, queueName, earlyQueue, onUnroutable });
    for (const ring of this.#waiting) this.#send(ring, this.#sender);
    this.#waiting.clear();
  }

  #onFailed(error: unknown): void {
    this.#failure = error;
    for (const ring of this.#waiting) this.#abandon(ring, error);
  }

  #onTimeout(ring: Ring): void {
    const within = `within ${this.#options.confirmTimeoutMs} ms`;
    if (this.#waiting.has(ring)) this.#abandon(ring, new Error(`No channel to the broker ${within}`));
    else ring.failRest(new NotConfirmedError(`Not confirmed by the broker ${within}`));
  }

  #giveUp(): void {
    const error = new ClosedError('ring');
    for (const ring of this.#waiting) this.#abandon(ring, error);
    for (const ring of this.#rings) ring.failRest(error);
  }

  /** Only hints that were never sent are uncounted here: the others still fill the socket's buffer. */
  #abandon(ring: Ring, error: unknown): void {
    this.#waiting.delete(ring);
    this.#unconfirmed -= ring.unsettled.length;
    ring.failRest(error);
  }
}
