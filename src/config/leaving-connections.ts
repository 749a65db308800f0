import type { Knex } from 'knex';
import { cutSocket } from '../cut-socket.js';

/** How long a server may take to hang up once it was told goodbye, in milliseconds. */
const HANG_UP_MS = 2_000;

interface Client {
  readonly driverName?: string;
  destroyRawConnection(connection: Connection): Promise<unknown>;
}

/** As mysql2 makes it. */
interface Connection {
  end(done: () => void): void;
}

/**
 * Lets connections leave a pool of mysql2 in peace. knex takes their listeners off as they leave, while mysql2 leaves
 * the socket to the server: where the network is gone that fails minutes later, and an error without a listener ends
 * the process. So the listeners of knex stay, and the socket does not.
 */
export function seeConnectionsOff(knex: Knex): void {
  const client = knex.client as Client;
  if (client.driverName === 'mysql2') client.destroyRawConnection = sayGoodbye;
}

/** mysql2 calls back before it sends anything, so nobody has to wait for the server. */
async function sayGoodbye(connection: Connection): Promise<void> {
  await new Promise<void>((resolve) => {
    connection.end(() => {
      resolve();
    });
  });
  setTimeout(cutSocket, HANG_UP_MS, connection).unref();
}
