import { once, type EventEmitter } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import mysql from 'mysql2';
import { checkConfig, closeDatabase, openDatabase } from '../../src/config/index.js';
import { silentLogger } from '../support/silent-logger.js';

interface Raw {
  readonly stream: Socket;
}

/** A connection as mysql2's server has it. */
interface ServerSide extends EventEmitter, Raw {
  sequenceId: number;
  serverHandshake(greeting: object): void;
  writeOk(): void;
}

interface Pool {
  on(event: 'destroySuccess', listener: (eventId: number, resource: Raw) => void): void;
}

/** Of MySQL 8 without TLS. */
const GREETING = {
  protocolVersion: 10,
  serverVersion: '8.0.36',
  connectionId: 1,
  statusFlags: 2,
  characterSet: 8,
  capabilityFlags: 0xffffff ^ 2048,
};

/** A server that answers, but does not hang up when told goodbye, as where the network is gone. */
class DeafServer {
  readonly #server = mysql.createServer((connection) => {
    this.#serve(connection as unknown as ServerSide);
  }) as unknown as { listen(port: number, host: string): void; readonly _server: Server };
  /** Each client's socket, as the server has it. */
  readonly sockets: Socket[] = [];

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  get connection(): object {
    const { port } = this.#listener.address() as AddressInfo;
    return { host: '127.0.0.1', port, user: 'u', password: 'p', database: 'x' };
  }

  get #listener(): Server {
    return this.#server._server;
  }

  #serve(connection: ServerSide): void {
    this.sockets.push(connection.stream);
    const authCallback = (_: unknown, done: (refused: null) => void): void => {
      done(null);
      connection.sequenceId = 0;
    };
    connection.serverHandshake({ ...GREETING, authCallback });
    connection.on('query', () => {
      connection.sequenceId = 1;
      connection.writeOk();
      // Each command counts from there, as after the handshake.
      connection.sequenceId = 0;
    });
    for (const event of ['quit', 'error']) connection.on(event, () => undefined);
  }
}

function open(connection: object): Knex {
  const pool = { min: 0, max: 1, idleTimeoutMillis: 20, reapIntervalMillis: 10 };
  return openDatabase(checkConfig({ knex: { client: 'mysql2', connection, pool } }), silentLogger).knex;
}

/** The connection that the pool gives up next. */
function givenUp(knex: Knex): Promise<Raw> {
  const { pool } = knex.client as { pool: Pool };
  return new Promise((resolve) => {
    pool.on('destroySuccess', (_, resource) => {
      resolve(resource);
    });
  });
}

describe('a MySQL connection that has left its pool', () => {
  const server = new DeafServer();
  let knex: Knex;

  before(() => server.start());
  after(() => server.stop());
  beforeEach(() => {
    knex = open(server.connection);
  });
  afterEach(() => closeDatabase(knex));

  it('may fail later, and the process goes on', async () => {
    const leaves = givenUp(knex);
    await knex.raw('select 1');
    const { stream } = await leaves;
    // Behind the timer of knex that takes all listeners off.
    await delay(1);
    const gone = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' }));
    await gone;
  });

  it('has no socket any more in a moment, where the server does not hang up', async () => {
    const leaves = givenUp(knex);
    await knex.raw('select 1');
    await leaves;
    await once(server.sockets.at(-1) as Socket, 'close');
  });

  it('has none either after the pool is closed', async () => {
    await knex.raw('select 1');
    const gone = once(server.sockets.at(-1) as Socket, 'close');
    await closeDatabase(knex);
    await gone;
  });
});
