import { connect, type ChannelModel, type SocketOptions } from 'amqplib';
import { resolveSource, type AmqpSource } from './amqp-source.js';
import type { Perishable } from './keeper.js';

const CONNECT_TIMEOUT_MS = 10_000;
const WORK_TIMEOUT_MS = 10_000;

/** One open connection to the broker, until it dies. */
export class BrokerConnection implements Perishable {
  readonly ended: Promise<Error>;
  readonly #socket: AbortController;
  #alive = true;
  #cause: Error | undefined;
  #resolve: (cause: Error) => void = () => undefined;

  constructor(
    readonly model: ChannelModel,
    socket: AbortController,
  ) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => (this.#resolve = resolve));
    model.on('error', (error) => (this.#cause ??= error));
    // A broker that shuts down makes for a `close` without an `error`.
    model.on('close', (error) => this.#end(error));
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Says goodbye and waits for the answer: bound it in time with `destroy`. */
  async close(): Promise<void> {
    // What is closed already refuses.
    this.model.close().catch((error: unknown) => this.destroy(error as Error));
    await this.ended;
  }

  /**
   * Ends the connection at once, without the broker's help. Nor is amqplib waited for: a goodbye that it reads together
   * with its answer to `connect` is told before anybody can listen, and never again.
   */
  destroy(cause: Error): void {
    this.#end(cause);
  }

  /** Waits for the broker's answers in `work`; a connection on which they take over 10 s is given up. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    const giveUp = (): void => this.destroy(new Error('The broker did not answer in time'));
    const timer = setTimeout(giveUp, WORK_TIMEOUT_MS);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  #end(error: Error | undefined): void {
    this.#alive = false;
    // Without this the socket would wait for a peer that may never answer.
    this.#socket.abort();
    this.#resolve(this.#cause ?? error ?? new Error('The connection was closed'));
  }
}

/** Connects within 10 s; `signal` gives up before. `name` is what the broker shows for the connection. */
export async function openConnection(
  source: AmqpSource,
  name: string,
  signal: AbortSignal,
): Promise<BrokerConnection> {
  const socket = new AbortController();
  const giveUp = (): void => socket.abort(new Error('The broker was not reached in time'));
  const timer = setTimeout(giveUp, CONNECT_TIMEOUT_MS);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const target = await untilAborted(resolveSource(source), socket.signal);
    return new BrokerConnection(await connect(target, socketOptions(name, socket.signal)), socket);
  } catch (error) {
    throw socket.signal.aborted ? socket.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** The signal makes the socket destroyable in every state, also while it is connecting. */
function socketOptions(name: string, signal: AbortSignal): SocketOptions & { signal: AbortSignal } {
  return { noDelay: true, clientProperties: { connection_name: name }, signal };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    work.then(resolve, reject);
  });
}
