import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from '../../telemetry/logger.js';
import { ClosedError } from '../../errors/index.js';
import type {
  HintNote,
  QueueManager,
  QueueManagerEvents,
  SubscribeOptions,
  Subscription,
} from '../queue-manager.js';
import type { AmqpSource } from './amqp-source.js';
import { Connectivity } from './connectivity.js';
import { DispatchFailures } from './dispatch-failures.js';
import { EarlyQueue } from './early-queue.js';
import { Link } from './link.js';
import { Publisher } from './publisher.js';
import { QueueSetUp } from './queue-set-up.js';
import { Ring } from './ring.js';
import { Subscriber } from './subscriber.js';

export interface RabbitQueueManagerOptions {
  amqp: AmqpSource;
  queueName: string;
  /** Type of the queue where it does not exist yet; default quorum. */
  queueType?: 'quorum' | 'classic';
  /** False where the broker's user may not declare queues: then it must exist. Default true. */
  declare?: boolean;
  logger: Logger;
  /** None of them may throw. */
  events: QueueManagerEvents;
  /** A hint not confirmed for so long counts as failed; default 5,000. */
  confirmTimeoutMs?: number;
  /** Spreads the reconnections of a fleet; default `Math.random`. */
  random?: () => number;
}

/** The doorbell through RabbitMQ. Does no I/O: connections are opened by the first ring and by `subscribe`. */
export function createRabbitQueueManager(options: RabbitQueueManagerOptions): QueueManager {
  return new RabbitQueueManager(options);
}

class RabbitQueueManager implements QueueManager {
  readonly distributed = true;
  readonly #options: RabbitQueueManagerOptions;
  readonly #queueSetUp: QueueSetUp;
  readonly #earlyQueue: EarlyQueue;
  readonly #publishLink: Link;
  readonly #consumeLink: Link;
  readonly #publisher: Publisher;
  #closing: Promise<void> | undefined;

  constructor(options: RabbitQueueManagerOptions) {
    const { amqp, queueName, logger, events, random = Math.random, confirmTimeoutMs = 5_000 } = options;
    const link = { amqp, queueName, logger, random, connectivity: new Connectivity(events) };
    this.#options = options;
    this.#queueSetUp = new QueueSetUp(options);
    this.#earlyQueue = new EarlyQueue(options);
    // Two, because a broker short of memory stops reading from connections that publish.
    this.#publishLink = new Link({ ...link, name: 'publish' });
    this.#consumeLink = new Link({ ...link, name: 'consume' });
    this.#publisher = new Publisher({
      link: this.#publishLink,
      queueName,
      queueSetUp: this.#queueSetUp,
      earlyQueue: this.#earlyQueue,
      failures: new DispatchFailures({ queueName, logger, events, now: () => performance.now() }),
      confirmTimeoutMs,
    });
  }

  async ring(runIds: readonly string[], note?: HintNote): Promise<void> {
    if (runIds.length > 0) await this.#publisher.ring(new Ring(runIds, note));
  }

  subscribe({ prefetch, onHint }: SubscribeOptions): Subscription {
    if (this.#closing) throw new ClosedError('subscribe');
    const { queueName, logger } = this.#options;
    const common = { link: this.#consumeLink, logger, prefetch, onHint };
    const main = new Subscriber({ ...common, queueName, queueSetUp: this.#queueSetUp });
    const { name, isOfUse } = this.#earlyQueue;
    if (!isOfUse) return main;
    // On a channel of its own: what happens to that one is not to disturb the other.
    const ofEarly = { queueName: name, queueSetUp: this.#earlyQueue, isOptional: true };
    const early = new Subscriber({ ...common, ...ofEarly });
    return { cancel: () => Promise.all([early.cancel(), main.cancel()]).then(() => undefined) };
  }

  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    // What was acknowledged in this turn of the event loop goes out at its end.
    await nextTurn();
    const consuming = this.#consumeLink.close(timeoutMs);
    await this.#publisher.close(timeoutMs);
    await this.#publishLink.close(Math.max(0, deadline - performance.now()));
    await consuming;
  }
}
