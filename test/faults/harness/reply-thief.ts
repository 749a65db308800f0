import type { Socket } from 'node:net';
import { Relay } from './relay.js';

/** A relay to a server that can keep the reply to a request for itself, and breaks that connection. */
export class ReplyThief {
  readonly #wanted = new Map<string, () => void>();
  #relay: Relay | undefined;

  static async start(url: string): Promise<ReplyThief> {
    const thief = new ReplyThief();
    thief.#relay = await Relay.start(url, ({ client, server }) => thief.#join(client, server));
    return thief;
  }

  get url(): string {
    return this.#relay?.url ?? '';
  }

  /** Resolves when the server has answered the first request that holds `text`, and nobody heard it. */
  steal(text: string): Promise<void> {
    return new Promise((resolve) => this.#wanted.set(text, resolve));
  }

  async close(): Promise<void> {
    await this.#relay?.close();
  }

  #join(client: Socket, server: Socket): void {
    let steal: (() => void) | undefined;
    client.on('data', (bytes) => {
      steal ??= this.#take(bytes);
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!steal) return void client.write(bytes);
      client.destroy();
      steal();
    });
  }

  #take(request: Buffer): (() => void) | undefined {
    for (const [text, stolen] of this.#wanted)
      if (request.includes(text)) {
        this.#wanted.delete(text);
        return stolen;
      }
    return undefined;
  }
}
