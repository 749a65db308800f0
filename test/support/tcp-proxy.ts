import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A relay to a server on the loopback interface, through which a test makes the network fail. */
export class TcpProxy {
  readonly #target: URL;
  readonly #pairs = new Set<[client: Socket, server: Socket]>();
  #listener: Server;
  #port = 0;
  #silent = false;
  #accepted = 0;

  private constructor(target: URL) {
    this.#target = target;
    this.#listener = this.#createListener();
  }

  /** @param url where to relay to; the host and port of any URL */
  static async start(url: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(new URL(url));
    await proxy.#listen();
    return proxy;
  }

  /** The URL given, leading through the proxy. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href;
  }

  /** Connections under way now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Connections so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Breaks every connection; new ones work. */
  cutAll(): void {
    for (const sockets of this.#pairs) for (const socket of sockets) socket.destroy();
    this.#pairs.clear();
  }

  /** Breaks every connection and refuses new ones, until `resume`. */
  async refuse(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cutAll();
    await closed;
  }

  /** Keeps connections and accepts new ones, but lets no byte through, until `resume`. */
  blackhole(): void {
    this.#silent = true;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.pause();
  }

  /** Ends `refuse` and `blackhole`; what was held back is let through. */
  async resume(): Promise<void> {
    this.#silent = false;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resume();
    if (!this.#listener.listening) await this.#listen();
  }

  async close(): Promise<void> {
    if (this.#listener.listening) await this.refuse();
  }

  #createListener(): Server {
    return createServer((client) => this.#relay(client));
  }

  async #listen(): Promise<void> {
    this.#listener = this.#createListener();
    this.#listener.listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  #relay(client: Socket): void {
    const server = connect(Number(this.#target.port) || 5672, this.#target.hostname);
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    this.#accepted += 1;
    this.#join(client, server, pair);
    this.#join(server, client, pair);
  }

  #join(from: Socket, to: Socket, pair: [Socket, Socket]): void {
    from.on('data', (bytes) => to.write(bytes));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.end();
      this.#pairs.delete(pair);
    });
    if (this.#silent) from.pause();
  }
}
