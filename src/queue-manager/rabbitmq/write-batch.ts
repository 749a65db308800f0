import type { Channel } from 'amqplib';
import type { Writable } from 'node:stream';

/** The part of amqplib's channels that its types leave out. */
interface WithStream {
  readonly connection: { readonly stream: Writable };
}

/** Lets what is published within one turn of the event loop leave in one write: each costs a system call. */
export class WriteBatch {
  readonly #stream: Writable;
  #isHeld = false;

  constructor(channel: Channel) {
    this.#stream = (channel as unknown as WithStream).connection.stream;
  }

  /** Call it with every publish. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#stream.cork();
    // amqplib itself writes in the immediate after this one.
    setImmediate(() => setImmediate(() => this.#release()));
  }

  #release(): void {
    this.#isHeld = false;
    this.#stream.uncork();
  }
}
