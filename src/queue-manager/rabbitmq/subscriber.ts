import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from 'amqplib';
import { ClosedError } from '../../errors/index.js';
import type { BrokerConnection } from './connection.js';
import type { Subscription } from '../queue-manager.js';
import { Consumer, type ConsumerOptions } from './consumer.js';
import type { Keeper } from './keeper.js';
import type { Link } from './link.js';
import { openChannel, type LiveChannel } from './live-channel.js';
import type { QueueSetUp } from './queue-set-up.js';

export interface SubscriberOptions extends ConsumerOptions {
  link: Link;
  queueSetUp: Pick<QueueSetUp, 'run'>;
  /** It is done without where there is none. */
  isOptional?: boolean;
}

const CANCEL_TIMEOUT_MS = 5_000;

/** Keeps one consumer going, on a channel of its own, until it is cancelled. */
export class Subscriber implements Subscription {
  readonly #options: SubscriberOptions;
  readonly #channel: Keeper<LiveChannel>;
  #consumer: Consumer | undefined;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    const { link, isOptional = false } = options;
    this.#channel = link.keepChannel<Channel>({ open: (connection) => this.#open(connection), isOptional });
    this.#channel.start();
  }

  /** Bounded in time: a broker that does not answer hands out nothing either. */
  async cancel(): Promise<void> {
    this.#channel.stop();
    const cancelled = this.#consumer?.cancel().catch(() => undefined);
    const done = new AbortController();
    const timeout = sleep(CANCEL_TIMEOUT_MS, undefined, { signal: done.signal }).catch(() => undefined);
    await Promise.race([cancelled, timeout]);
    done.abort();
  }

  async #open(connection: BrokerConnection): Promise<LiveChannel> {
    await this.#options.queueSetUp.run(connection);
    const live = await openChannel(connection);
    try {
      if (this.#channel.stopped) throw new ClosedError('subscribe');
      this.#consumer = new Consumer(live, this.#options);
      await this.#consumer.start();
      return live;
    } catch (error) {
      live.end(error);
      throw error;
    }
  }
}
