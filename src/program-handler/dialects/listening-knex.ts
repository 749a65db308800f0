import type { Knex } from 'knex';
import { cutSocket } from '../../cut-socket.js';
import { patienceWith, type Patience } from './patience.js';

/** The part of knex's client that hands out connections. */
interface Client {
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
}

/** What the functions of a knex work on. */
interface Context {
  queryBuilder(): { table(...args: unknown[]): unknown };
}

/** What waits on a connection that was cut fails with this. */
class SilenceError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(afterMs: number) {
    super(`The connection is lost: no answer for ${afterMs} ms`);
  }
}

export function isSilence(error: unknown): boolean {
  return error instanceof SilenceError;
}

const listenings = new WeakMap<object, Listening>();

/**
 * The same pool, for what is soon done and goes through knex's own builders. A connection that nothing is heard on for
 * too long while it is out of the pool is cut: it is half-open, and knex would wait on it for ever, and keep it.
 */
export function listeningKnex(knex: Knex, patience = patienceWith(knex)): Knex {
  const client = { value: listeningClient(knex.client as Client, patience) };
  const context = Object.create(contextOf(knex), { client }) as Context;
  return new Proxy(knex, {
    get: (target, key, receiver): unknown =>
      key === 'context' ? context : Reflect.get(target, key, receiver),
    apply: (_knex, _this, table: unknown[]) => context.queryBuilder().table(...table),
  });
}

/** Runs what others do in a transaction, and may take any time, on a connection that is listened to. */
export async function unlistened<T>(trx: Knex.Transaction, work: () => Promise<T>): Promise<T> {
  const connection = await (trx.client as Client).acquireConnection();
  const listening = listenings.get(connection);
  listening?.end();
  try {
    return await work();
  } finally {
    // They may have ended the transaction, and the connection may be somebody else's by now.
    if (listenings.get(connection) === listening) listening?.begin();
  }
}

/** Also what the client gets later on, such as listeners and another pool, holds for this one. */
function listeningClient(client: Client, patience: Patience): Client {
  const acquireConnection: Client['acquireConnection'] = async () => {
    const connection = await client.acquireConnection();
    listenings.set(connection, new Listening(connection, patience));
    return connection;
  };
  const releaseConnection: Client['releaseConnection'] = (connection) => {
    listenings.get(connection)?.end();
    listenings.delete(connection);
    return client.releaseConnection(connection);
  };
  return Object.assign(Object.create(client) as Client, { acquireConnection, releaseConnection });
}

/** Waits for the answers on one connection. */
class Listening {
  readonly #connection: object;
  readonly #patience: Patience;
  #silence: NodeJS.Timeout | undefined;

  constructor(connection: object, patience: Patience) {
    this.#connection = connection;
    this.#patience = patience;
    this.begin();
  }

  begin(): void {
    const { ms } = this.#patience;
    this.#silence = setTimeout(() => this.#cut(ms), ms);
  }

  end(): void {
    if (!this.#silence) return;
    clearTimeout(this.#silence);
    this.#patience.onAnswer();
  }

  #cut(afterMs: number): void {
    this.#silence = undefined;
    this.#patience.onSilence();
    cutSocket(this.#connection, new SilenceError(afterMs));
  }
}

function contextOf(knex: Knex): object {
  return (knex as unknown as { context: object }).context;
}
