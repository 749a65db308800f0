import { connect, type Channel, type ChannelModel } from 'amqplib';
import { createRabbitQueueManager } from '../../src/queue-manager/index.js';
import type {
  Hint,
  QueueManager,
  QueueManagerEvents,
  RabbitQueueManagerOptions,
} from '../../src/queue-manager/index.js';
import { amqpUrl, uniqueQueue } from '../support/brokers.js';
import { Inbox } from '../support/inbox.js';
import { Log } from '../support/log.js';
import { TcpProxy } from '../support/tcp-proxy.js';

export type Happening =
  | { event: 'connected' }
  | { event: 'disconnected'; error: unknown }
  | { event: 'dispatchFailed'; runIds: readonly string[]; error: unknown };

/** What a queue manager reports. */
export class Events extends Inbox<Happening> implements QueueManagerEvents {
  onConnected = (): void => this.add({ event: 'connected' });
  onDisconnected = (error: unknown): void => this.add({ event: 'disconnected', error });
  onDispatchFailed = (runIds: readonly string[], error: unknown): void =>
    this.add({ event: 'dispatchFailed', runIds, error });

  /** The programs of each failed call of `ring`. */
  get failed(): (readonly string[])[] {
    return this.items.flatMap((item) => (item.event === 'dispatchFailed' ? [item.runIds] : []));
  }

  get states(): string[] {
    return this.items.map((item) => item.event).filter((event) => event !== 'dispatchFailed');
  }
}

/** A subscriber that keeps the hints it gets. */
export class Hints extends Inbox<Hint> {
  readonly onHint = (hint: Hint): void => this.add(hint);

  get runIds(): string[] {
    return this.items.map((hint) => hint.runId);
  }
}

/** The test's own way to the broker, past the code under test. */
export class Broker {
  private constructor(
    readonly connection: ChannelModel,
    readonly channel: Channel,
  ) {}

  static async open(): Promise<Broker> {
    const connection = await connect(amqpUrl());
    return new Broker(connection, await connection.createChannel());
  }

  send(queue: string, content: string | Buffer): void {
    this.channel.sendToQueue(queue, Buffer.from(content as string));
  }

  async messageCount(queue: string): Promise<number> {
    return (await this.channel.checkQueue(queue)).messageCount;
  }

  async close(): Promise<void> {
    await this.connection.close();
  }
}

/** Takes a queue name of its own for each test, and cleans up after it. */
export function rabbitFixture(): RabbitFixture {
  const fixture = new RabbitFixture();
  beforeEach(() => fixture.open());
  afterEach(() => fixture.close());
  return fixture;
}

/** A queue manager under test with all that it reports, a broker to look into, and a network that can fail. */
export class RabbitFixture {
  queueName!: string;
  broker!: Broker;
  proxy!: TcpProxy;
  log!: Log;
  events!: Events;
  hints!: Hints;
  readonly #managers: QueueManager[] = [];

  async open(): Promise<void> {
    this.queueName = uniqueQueue();
    this.broker = await Broker.open();
    this.proxy = await TcpProxy.start(amqpUrl());
    this.log = new Log();
    this.events = new Events();
    this.hints = new Hints();
  }

  /** Where hints of programs that are just being created wait. */
  get earlyQueueName(): string {
    return `${this.queueName}.early`;
  }

  /** Its connections lead through the proxy; its back-offs are a tenth of their ceilings. */
  create(options: Partial<RabbitQueueManagerOptions> = {}): QueueManager {
    const { queueName, log: logger, events, proxy } = this;
    const common = { amqp: proxy.url, queueName, logger, events, random: () => 0.1 };
    const manager = createRabbitQueueManager({ ...common, ...options });
    this.#managers.push(manager);
    return manager;
  }

  async close(): Promise<void> {
    await this.proxy.resume();
    await Promise.all(this.#managers.splice(0).map((manager) => manager.close(1_000)));
    await this.proxy.close();
    await this.broker.channel.deleteQueue(this.queueName);
    await this.broker.channel.deleteQueue(this.earlyQueueName);
    await this.broker.close();
  }
}
