import type { Socket } from 'node:net';
import { Relay } from './relay.js';

/**
 * A relay whose connections can be made half-open, as by a firewall that has forgotten them: nothing passes any
 * more, and neither side hears of it. New ones work.
 */
export class SeveringRelay {
  readonly #joined = new Set<[Socket, Socket]>();
  #relay: Relay | undefined;

  static async start(url: string): Promise<SeveringRelay> {
    const severing = new SeveringRelay();
    severing.#relay = await Relay.start(url, ({ client, server }) => {
      severing.#joined.add([client, server]);
      client.on('data', (bytes) => server.write(bytes));
      server.on('data', (bytes) => client.write(bytes));
    });
    return severing;
  }

  get url(): string {
    return this.#relay?.url ?? '';
  }

  /** Connections that work. */
  get connections(): number {
    return this.#joined.size;
  }

  /** From now on these connections are silent. */
  sever(): void {
    for (const sockets of this.#joined) for (const socket of sockets) socket.pause();
    this.#joined.clear();
  }

  async close(): Promise<void> {
    await this.#relay?.close();
  }
}
