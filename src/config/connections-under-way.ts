import type { Knex } from 'knex';
import { cutSocket } from '../cut-socket.js';

/** How long a server may take to let somebody in, in milliseconds; of knex's own 60 s nobody learns why. */
const CONNECT_MS = 20_000;

/** What makes a connection, of each driver. */
const FACTORIES: Readonly<Record<string, string>> = { pg: 'Client', mysql2: 'createConnection' };

interface Client {
  readonly driverName?: string;
  /** None before there is something to connect to. */
  driver?: object;
  readonly connectionSettings?: {
    readonly connectionTimeoutMillis?: unknown;
    readonly connectTimeout?: unknown;
  };
  acquireRawConnection(): Promise<unknown>;
}

/** As the drivers make it. */
interface Connection {
  on(event: 'error', listener: () => void): void;
}

const underWay = new WeakMap<object, Set<Connection>>();

/** The connections that a client of knex is making: its pool does not have them yet. */
export function connectionsUnderWay(client: object): Iterable<unknown> {
  return underWay.get(client) ?? [];
}

/**
 * Keeps in sight what a pool is connecting, and ends that after 20 s, as pg itself waits for ever. A timeout of the
 * driver's own holds in its place where the caller has set one.
 */
export function watchConnecting(knex: Knex, limitMs = CONNECT_MS): void {
  const client = knex.client as Client;
  const factory = FACTORIES[client.driverName ?? ''];
  if (factory === undefined || !client.driver) return;
  const connections = new Set<Connection>();
  underWay.set(client, connections);
  const acquire = noting(client, factory);
  client.acquireRawConnection = async () => {
    const { made, acquired } = acquire();
    if (!made) return acquired;
    const timer = hasOwnLimit(client) ? undefined : cutAfter(limitMs, made);
    connections.add(made);
    return acquired
      .catch((error: unknown) => {
        abandon(made);
        throw error;
      })
      .finally(() => {
        clearTimeout(timer);
        connections.delete(made);
      });
  };
}

/** As the client acquires a connection, but tells which one: both drivers make it before that returns. */
function noting(client: Client, factory: string): () => { made?: Connection; acquired: Promise<unknown> } {
  const acquire = client.acquireRawConnection.bind(client);
  const last: { made?: Connection } = {};
  client.driver = withFactory(client.driver as object, factory, (connection) => {
    last.made = connection;
    return connection;
  });
  return () => {
    delete last.made;
    const acquired = acquire();
    return { ...last, acquired };
  };
}

/** The driver, but for its factory: each connection that makes goes through `note`. */
function withFactory(driver: object, factory: string, note: (made: Connection) => Connection): object {
  const value = new Proxy(Reflect.get(driver, factory) as (...args: unknown[]) => Connection, {
    apply: (...call) => note(Reflect.apply(...call)),
    construct: (target, args) => note(Reflect.construct(target, args) as Connection),
  });
  return Object.create(driver, { [factory]: { value } }) as object;
}

/** Of pg and mysql2, in this order. */
function hasOwnLimit({ connectionSettings }: Client): boolean {
  const { connectionTimeoutMillis, connectTimeout } = connectionSettings ?? {};
  return (connectionTimeoutMillis ?? connectTimeout) !== undefined;
}

function cutAfter(limitMs: number, connection: Connection): NodeJS.Timeout {
  const cut = (): void => {
    cutSocket(connection, silence(limitMs));
  };
  return setTimeout(cut, limitMs).unref();
}

/** knex forgets it, listeners and all; its socket may still be open, and fail. */
function abandon(connection: Connection): void {
  connection.on('error', () => undefined);
  cutSocket(connection);
}

/** With the code of a server that cannot be reached, as that is worth another attempt too. */
function silence(limitMs: number): Error {
  const message = `the database let nobody in within ${limitMs / 1_000} s`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
