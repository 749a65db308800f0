import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Bytes on their way through a relay. */
export interface Passage {
  readonly from: 'client' | 'server';
  readonly bytes: Buffer;
  /** How many came this way before, on the same connection. */
  readonly sentBefore: number;
}

/**
 * What becomes of them; a number lets so many pass and then resets the connection, last words come right behind them
 * and are the end of the connection.
 */
export type Fate = 'pass' | 'drop' | number | { readonly lastWords: Buffer };

/** The rules of a network, asked for all bytes of all relays. */
export interface Weather {
  fateOf(passage: Passage): Fate;
  /** How much later bytes arrive than they were sent, in milliseconds. */
  readonly delayMs: number;
}

/** One connection of a client to a server, joined in the middle. */
export class TcpRelay {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #weather: Weather;

  constructor(client: Socket, target: { host: string; port: number }, weather: Weather) {
    this.#client = client;
    this.#server = connect(target);
    this.#weather = weather;
    this.#join('client', this.#client, this.#server);
    this.#join('server', this.#server, this.#client);
  }

  /** Calls back when either side has closed. */
  onClosed(listener: () => void): void {
    for (const socket of [this.#client, this.#server]) socket.on('close', listener);
  }

  pause(): void {
    for (const socket of [this.#client, this.#server]) socket.pause();
  }

  resume(): void {
    for (const socket of [this.#client, this.#server]) socket.resume();
  }

  /** Closes both sides in the orderly way. */
  cut(): void {
    for (const socket of [this.#client, this.#server]) socket.destroy();
  }

  /** Closes both sides with a reset, as a router does that has forgotten the connection. */
  reset(): void {
    for (const socket of [this.#client, this.#server]) socket.resetAndDestroy();
  }

  #join(side: Passage['from'], from: Socket, to: Socket): void {
    let sentBefore = 0;
    let arrived = Promise.resolve();
    from.on('data', (bytes) => {
      const fate = this.#weather.fateOf({ from: side, bytes, sentBefore });
      const { delayMs } = this.#weather;
      sentBefore += bytes.length;
      arrived = arrived.then(() => (delayMs > 0 ? delay(delayMs) : undefined));
      void arrived.then(() => this.#deliver(bytes, to, fate));
    });
    from.on('error', () => to.destroy());
    from.on('close', () => void arrived.then(() => to.end()));
  }

  #deliver(bytes: Buffer, to: Socket, fate: Fate): void {
    if (fate === 'drop') return;
    if (fate === 'pass') return void to.write(bytes);
    if (typeof fate === 'object') return void to.end(Buffer.concat([bytes, fate.lastWords]));
    if (fate > 0) to.write(bytes.subarray(0, fate), () => this.reset());
    else this.reset();
  }
}
