import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What becomes of the bytes of one connection. */
export interface Traffic {
  readonly client: Socket;
  readonly server: Socket;
}

/** A relay on the loopback interface that leaves to `join` what passes, connection by connection. */
export class Relay {
  readonly #target: URL;
  readonly #listener: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL, join: (traffic: Traffic) => void) {
    this.#target = target;
    this.#listener = createServer((client) => {
      const server = connect(Number(target.port), target.hostname);
      for (const socket of [client, server]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => this.#sockets.delete(socket));
      }
      client.on('close', () => server.destroy());
      server.on('close', () => client.destroy());
      join({ client, server });
    });
  }

  static async start(url: string, join: (traffic: Traffic) => void): Promise<Relay> {
    const relay = new Relay(new URL(url), join);
    relay.#listener.listen(0, '127.0.0.1');
    await once(relay.#listener, 'listening');
    return relay;
  }

  /** The URL given, leading through the relay. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#listener.address() as AddressInfo).port);
    return url.href;
  }

  async close(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
