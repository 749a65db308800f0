import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpRelay, type Fate, type Passage, type Weather } from './tcp-relay.js';

const letPass = (): Fate => 'pass';

/** A relay to a server on the loopback interface, through which a test makes the network fail. */
export class TcpProxy {
  readonly #target: URL;
  readonly #relays = new Set<TcpRelay>();
  readonly #severed = new Set<TcpRelay>();
  readonly #weather: { fateOf: Weather['fateOf']; delayMs: number } = { fateOf: letPass, delayMs: 0 };
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

  /** Connections that work now. */
  get connections(): number {
    return this.#relays.size;
  }

  /** Connections so far. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Breaks every connection; new ones work. */
  cutAll(): void {
    for (const relay of this.#relays) relay.cut();
    this.#relays.clear();
  }

  /** Breaks every connection with a reset; new ones work. */
  resetAll(): void {
    for (const relay of this.#relays) relay.reset();
    this.#relays.clear();
  }

  /**
   * Makes every connection half-open, as a firewall does that has forgotten them: nothing passes any more, and
   * neither side hears of it, until `resume`. New ones work.
   */
  sever(): void {
    for (const relay of this.#relays) {
      relay.pause();
      this.#severed.add(relay);
    }
    this.#relays.clear();
  }

  /** Breaks every connection and refuses new ones, until `resume`. */
  async refuse(): Promise<void> {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cutAll();
    for (const relay of this.#severed) relay.cut();
    await closed;
  }

  /** Keeps connections and accepts new ones, but lets no byte through, until `resume`. */
  blackhole(): void {
    this.#silent = true;
    for (const relay of this.#relays) relay.pause();
  }

  /** Loses all that one side sends, for good, until `resume`. */
  lose(from: Passage['from']): void {
    this.#weather.fateOf = (passage) => (passage.from === from ? 'drop' : 'pass');
  }

  /** Lets so many bytes of each client through, and resets the connection at the next, until `resume`. */
  resetAfter(byteCount: number): void {
    this.#weather.fateOf = ({ from, bytes, sentBefore }) =>
      from === 'client' && sentBefore + bytes.length > byteCount
        ? Math.max(0, byteCount - sentBefore)
        : 'pass';
  }

  /** Resets the connection in place of these bytes the next `times` that a client sends them. Resolves after the last. */
  resetInstead(ofBytes: Buffer, times: number): Promise<void> {
    return new Promise((resolve) => {
      let left = times;
      this.#weather.fateOf = ({ from, bytes }) => {
        const at = bytes.indexOf(ofBytes);
        if (from === 'server' || at === -1 || left === 0) return 'pass';
        left -= 1;
        if (left === 0) resolve();
        return at;
      };
    });
  }

  /** Ends a connection with `lastWords`, in one piece with the next bytes of the server that contain `ofBytes`. */
  endBehind(ofBytes: Buffer, lastWords: Buffer): void {
    let isDone = false;
    this.#weather.fateOf = ({ from, bytes }) => {
      if (isDone || from === 'client' || !bytes.includes(ofBytes)) return 'pass';
      isDone = true;
      return { lastWords };
    };
  }

  /** Whatever is sent from now on arrives so much later, until `resume`. In milliseconds. */
  delay(delayMs: number): void {
    this.#weather.delayMs = delayMs;
  }

  /** Ends every fault; what `blackhole` held back is let through, and what is half-open is broken. */
  async resume(): Promise<void> {
    for (const relay of this.#severed) relay.cut();
    this.#silent = false;
    this.#weather.fateOf = letPass;
    this.#weather.delayMs = 0;
    for (const relay of this.#relays) relay.resume();
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
    const target = { host: this.#target.hostname, port: Number(this.#target.port) || 5672 };
    const relay = new TcpRelay(client, target, this.#weather);
    this.#relays.add(relay);
    this.#accepted += 1;
    relay.onClosed(() => this.#relays.delete(relay) || this.#severed.delete(relay));
    if (this.#silent) relay.pause();
  }
}
