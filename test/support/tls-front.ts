import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { Identity } from './certificates.js';

/** Speaks TLS to clients, and plainly to a server on the loopback interface. */
export class TlsFront {
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(target: URL, identity: Identity) {
    this.#target = target;
    this.#server = createServer(identity, (client) => this.#relay(client));
    // A client that does not trust us hangs up.
    this.#server.on('tlsClientError', () => undefined);
  }

  /** @param url where to relay to; the host and port of any AMQP URL */
  static async start(url: string, identity: Identity): Promise<TlsFront> {
    const front = new TlsFront(new URL(url), identity);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    front.#port = (front.#server.address() as AddressInfo).port;
    return front;
  }

  /** The URL given, by TLS and by the name that certificates are made out to. */
  get url(): string {
    const { username, password, pathname } = this.#target;
    return `amqps://${username}:${password}@localhost:${this.#port}${pathname}`;
  }

  /** Shows this identity to clients that come from now on. */
  use(identity: Identity): void {
    this.#server.setSecureContext(identity);
  }

  /** Ends every connection; new ones work. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.disconnect();
    await closed;
  }

  #relay(client: Socket): void {
    const server = connect(Number(this.#target.port) || 5672, this.#target.hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      socket.pipe(other);
    }
  }
}
