import type { Channel } from 'amqplib';
import { messageOf, readProperty } from '../../errors/index.js';
import { monotonicMs } from '../../program/monotonic-clock.js';
import type { BrokerConnection } from './connection.js';
import type { QueueSetUpOptions } from './queue-set-up.js';
import { NOT_FOUND, onThrowAwayChannel } from './throw-away-channel.js';

/**
 * When nobody has consumed it for so long, in milliseconds, it is gone: until then it takes hints that nobody hears.
 * The poll has found most of their programs by then.
 */
const EXPIRES_MS = 10_000;
/** Whoever may not have it asks again after so long, in milliseconds: a broker logs each refusal. */
const ASK_AGAIN_MS = 300_000;
/** Not allowed, not there, another connection's, declared otherwise: what else fails goes with its connection. */
const REFUSALS: readonly unknown[] = [403, NOT_FOUND, 405, 406];

/**
 * Where hints of programs that are just being created wait for nobody. A quorum queue has each on disk before it
 * delivers it, which takes longer than the commit of the row; a classic one delivers at once. Only workers declare
 * it: where it is missing, the broker gives such a hint back.
 */
export class EarlyQueue {
  readonly name: string;
  /** False beside a classic queue, which is as quick. */
  readonly isOfUse: boolean;
  readonly #options: QueueSetUpOptions;
  #refusal: { readonly error: unknown; readonly askAgainAtMs: number } | undefined;

  /** @param options those of the queue that it stands beside */
  constructor(options: QueueSetUpOptions) {
    this.#options = options;
    this.name = `${options.queueName}.early`;
    this.isOfUse = options.queueType !== 'classic';
  }

  /** Makes sure that it is there to be consumed, however it was declared. Rejects when it cannot be. */
  async run(connection: BrokerConnection): Promise<void> {
    if (this.#refusal && monotonicMs() < this.#refusal.askAgainAtMs) throw this.#refusal.error;
    try {
      // First, as nobody would consume what is declared by a worker that may not.
      const isThere = await this.#canConsume(connection);
      if (!isThere) await this.#declare(connection);
    } catch (error) {
      if (REFUSALS.includes(readProperty(error, 'code'))) this.#onRefused(error);
      throw error;
    }
  }

  async #canConsume(connection: BrokerConnection): Promise<boolean> {
    try {
      await onThrowAwayChannel(connection, (channel) => this.#consumeOne(channel));
      return true;
    } catch (error) {
      if (readProperty(error, 'code') !== NOT_FOUND || this.#options.declare === false) throw error;
      return false;
    }
  }

  /** A hint that comes by this goes back with the channel. */
  async #consumeOne(channel: Channel): Promise<void> {
    await channel.prefetch(1);
    // Not `get`, which waits for ever where the connection dies before the rest of its message.
    await channel.consume(this.name, () => undefined);
  }

  async #declare(connection: BrokerConnection): Promise<void> {
    const settings = { durable: true, expires: EXPIRES_MS, arguments: { 'x-queue-type': 'classic' } };
    await onThrowAwayChannel(connection, (channel) => channel.assertQueue(this.name, settings));
  }

  #onRefused(error: unknown): void {
    const details = { queue_name: this.name, error_message: messageOf(error) };
    if (!this.#refusal) this.#options.logger.info('early-queue-refused', details);
    this.#refusal = { error, askAgainAtMs: monotonicMs() + ASK_AGAIN_MS };
  }
}
