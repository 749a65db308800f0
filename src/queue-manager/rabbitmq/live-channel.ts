import type { Channel, ConfirmChannel } from 'amqplib';
import type { BrokerConnection } from './connection.js';
import type { Perishable } from './keeper.js';

/** One open channel, until it dies or is ended. */
export class LiveChannel<C extends Channel = Channel> implements Perishable {
  readonly ended: Promise<unknown>;
  #alive = true;
  #reason: unknown;
  #resolve: (reason: unknown) => void = () => undefined;

  constructor(readonly channel: C) {
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    channel.on('error', (error) => (this.#reason ??= error));
    channel.on('close', () => this.#end());
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Gives the channel up for this reason: it counts as dead at once and is closed behind the scenes. */
  end(reason: unknown): void {
    this.#reason ??= reason;
    this.#end();
    closeQuietly(this.channel);
  }

  async close(): Promise<void> {
    closeQuietly(this.channel);
    await this.ended;
  }

  #end(): void {
    this.#alive = false;
    this.#resolve(this.#reason);
  }
}

export function openChannel(connection: BrokerConnection): Promise<LiveChannel> {
  return open(connection, () => connection.model.createChannel());
}

export function openConfirmChannel(connection: BrokerConnection): Promise<LiveChannel<ConfirmChannel>> {
  return open(connection, () => connection.model.createConfirmChannel());
}

async function open<C extends Channel>(
  connection: BrokerConnection,
  create: () => Promise<C>,
): Promise<LiveChannel<C>> {
  try {
    const live = new LiveChannel(await create());
    // The connection may have ended within the same read, before anybody could listen to the channel's end.
    if (!connection.alive) throw new Error('The connection was closed');
    return live;
  } catch (error) {
    // A connection that opens no channel is of no use, even if it has not noticed yet.
    connection.destroy(error as Error);
    throw error;
  }
}

/** Closing what is dead already throws. */
function closeQuietly(channel: Channel): void {
  channel.close().catch(() => undefined);
}
