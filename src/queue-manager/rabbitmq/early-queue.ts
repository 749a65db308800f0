import type { Channel } from 'amqplib';
import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../telemetry/logger.js';
import type { BrokerConnection } from './connection.js';
import { onThrowAwayChannel } from './throw-away-channel.js';

export interface EarlyQueueOptions {
  /** Of the queue that it stands beside. */
  queueName: string;
  queueType?: 'quorum' | 'classic' | undefined;
  declare?: boolean | undefined;
  logger: Logger;
}

/**
 * When nobody has consumed it for so long, in milliseconds, it is gone: until then it takes hints that nobody hears.
 * The poll has found most of their programs by then.
 */
const EXPIRES_MS = 10_000;

/**
 * Where hints of programs that are just being created wait for nobody. A quorum queue has each on disk before it
 * delivers it, which takes longer than the commit of the row; a classic one delivers at once. Only workers declare
 * it: where it is missing, nobody listens, and the broker gives such a hint back.
 */
export class EarlyQueue {
  readonly name: string;
  /** False beside a classic queue, which is as quick. */
  readonly isOfUse: boolean;
  readonly #options: EarlyQueueOptions;
  #isRefusalLogged = false;

  constructor(options: EarlyQueueOptions) {
    this.#options = options;
    this.name = `${options.queueName}.early`;
    this.isOfUse = options.queueType !== 'classic';
  }

  /** Whether it can be consumed. Rejects only when the connection died: whoever may not have it does without. */
  async prepare(connection: BrokerConnection): Promise<boolean> {
    if (!this.isOfUse || this.#options.declare === false) return false;
    try {
      await onThrowAwayChannel(connection, (channel) => this.#declare(channel));
      return true;
    } catch (error) {
      if (!connection.alive) throw error;
      this.#onRefused(error);
      return false;
    }
  }

  async #declare(channel: Channel): Promise<void> {
    const settings = { durable: true, expires: EXPIRES_MS, arguments: { 'x-queue-type': 'classic' } };
    await channel.assertQueue(this.name, settings);
    // Whoever may declare it may still not read it. What comes by this goes back with the channel.
    await channel.get(this.name);
  }

  #onRefused(error: unknown): void {
    if (this.#isRefusalLogged) return;
    this.#isRefusalLogged = true;
    const details = { queue_name: this.name, error_message: messageOf(error) };
    this.#options.logger.info('early-queue-refused', details);
  }
}
