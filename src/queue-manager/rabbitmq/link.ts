import type { Channel } from 'amqplib';
import { messageOf } from '../../errors/index.js';
import type { Logger } from '../../telemetry/logger.js';
import type { AmqpSource } from './amqp-source.js';
import { openConnection, type BrokerConnection } from './connection.js';
import type { Connectivity } from './connectivity.js';
import { Keeper } from './keeper.js';
import type { LiveChannel } from './live-channel.js';

export interface LinkOptions {
  name: 'publish' | 'consume';
  amqp: AmqpSource;
  queueName: string;
  logger: Logger;
  connectivity: Connectivity;
  random(): number;
}

export interface ChannelRole<C extends Channel> {
  open(connection: BrokerConnection): Promise<LiveChannel<C>>;
  onOpened?(live: LiveChannel<C>): void;
  onFailed?(error: unknown): void;
  /** It is done without where it cannot be opened, which is told elsewhere. */
  isOptional?: boolean;
}

/** One supervised connection with the channels that live on it; opened when the first of them is wanted. */
export class Link {
  readonly #options: LinkOptions;
  readonly #connection: Keeper<BrokerConnection>;
  readonly #channels: { close(): Promise<void> }[] = [];
  readonly #failureListeners: ((error: unknown) => void)[] = [];
  #outageLogged = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connection = new Keeper({
      open: (signal) => openConnection(options.amqp, `${options.queueName} (${options.name})`, signal),
      onOpened: (connection) => this.#onConnected(connection),
      onLost: (reason) => this.#onDisconnected(reason),
      onFailed: (error) => this.#onUnreachable(error),
      random: options.random,
    });
  }

  /** Keeps one channel open, on whichever connection there is. `start` the keeper to begin. */
  keepChannel<C extends Channel>(role: ChannelRole<C>): Keeper<LiveChannel<C>> {
    const keeper = new Keeper<LiveChannel<C>>({
      open: () => this.#openChannel(role),
      onOpened: (live) => role.onOpened?.(live),
      onLost: (reason) => this.#onChannelLost(reason),
      onFailed: (error) => this.#onChannelFailed(error, role),
      random: this.#options.random,
    });
    this.#channels.push(keeper);
    if (role.onFailed) this.#failureListeners.push(role.onFailed);
    return keeper;
  }

  /** Closes the channels, which flushes them, then the connection; after `timeoutMs` the socket is destroyed. */
  async close(timeoutMs: number): Promise<void> {
    this.#connection.stop();
    const giveUp = (): void =>
      this.#connection.current?.destroy(new Error('The broker did not say goodbye in time'));
    const timer = setTimeout(giveUp, timeoutMs);
    await Promise.all(this.#channels.map((channel) => channel.close()));
    await this.#connection.close();
    clearTimeout(timer);
  }

  async #openChannel<C extends Channel>(role: ChannelRole<C>): Promise<LiveChannel<C>> {
    const connection = await this.#connection.next();
    return connection.within(() => role.open(connection));
  }

  #onConnected(connection: BrokerConnection): void {
    connection.model.on('blocked', () => this.#log('warn', 'broker-blocked'));
    connection.model.on('unblocked', () => this.#log('info', 'broker-unblocked'));
    this.#outageLogged = false;
    this.#log('info', 'broker-connected');
    this.#options.connectivity.established(this.#options.name);
  }

  #onDisconnected(reason: unknown): void {
    this.#log('warn', 'broker-disconnected', reason);
    this.#options.connectivity.lost(this.#options.name, reason);
  }

  /** One line an outage at a level that people read, however long it lasts. */
  #onUnreachable(error: unknown): void {
    this.#log(this.#outageLogged ? 'debug' : 'warn', 'broker-unreachable', error);
    this.#outageLogged = true;
    for (const listener of this.#failureListeners) listener(error);
  }

  #onChannelLost(reason: unknown): void {
    if (reason !== undefined) this.#log('warn', 'channel-lost', reason);
  }

  #onChannelFailed<C extends Channel>(error: unknown, role: ChannelRole<C>): void {
    if (!role.isOptional) this.#log('warn', 'channel-error', error);
    role.onFailed?.(error);
  }

  #log(level: 'debug' | 'info' | 'warn', action: string, error?: unknown): void {
    const { name, queueName, logger } = this.#options;
    const details = error === undefined ? {} : { error_message: messageOf(error) };
    logger[level](action, { connection: name, queue_name: queueName, ...details });
  }
}
