import { join } from 'node:path';
import type { Knex } from 'knex';
import { isAtHand, mountFor } from '../faults/harness/attempts-on-disk.js';
import type { WorkerSpec } from '../faults/harness/protocol.js';
import type { SmallDisk } from '../faults/harness/small-disk.js';
import { amqpUrl } from '../support/brokers.js';
import { databasePath, urlOf, type TestDatabase } from '../support/databases.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { BrokerWay } from './broker-way.js';
import type { Closing } from './closing.js';

/** What is written to it in ten minutes fits in many times. */
const DISK_MEGABYTES = 128;

/** How everybody reaches the database and the broker. */
export interface Ways {
  /** As nobody but the test goes. */
  readonly direct: Knex.Config;
  readonly creators: WorkerSpec['config'];
  readonly workers: WorkerSpec['config'];
  /** What the workers' ways to servers lead through. */
  readonly proxy?: TcpProxy;
  readonly broker?: BrokerWay;
  /** Where the database's files are, or those of the attempts; left out: where no disk can be mounted. */
  readonly disk?: SmallDisk;
}

export async function openWays(database: TestDatabase, closing: Closing): Promise<Ways> {
  const disk = isAtHand(database) ? await openDisk(database, closing) : undefined;
  const ways = database.server ? await waysToServers(database, closing) : waysToFile(database, disk);
  return { ...ways, ...(disk && { disk }) };
}

/** To mount takes the rights of root. */
async function openDisk(database: TestDatabase, closing: Closing): Promise<SmallDisk | undefined> {
  const disk = await mountFor(database, DISK_MEGABYTES).catch(() => undefined);
  if (disk) closing.later(() => disk.unmount());
  return disk;
}

function waysToFile(database: TestDatabase, disk: SmallDisk | undefined): Ways {
  const file = disk ? join(disk.path, 'programs.sqlite') : databasePath();
  const config = { databasePath: file };
  const direct = {
    ...database.createKnexConfig(),
    connection: { filename: file },
    // Waiting for a lock blocks this process, which may be the one that has to let go of it.
    pool: { min: 0, max: 4, afterCreate: doNotWaitForLocks },
  };
  return { direct, creators: config, workers: config };
}

function doNotWaitForLocks(connection: { exec(sql: string): void }, done: (error: null) => void): void {
  connection.exec('pragma busy_timeout = 20');
  done(null);
}

async function waysToServers(database: TestDatabase, closing: Closing): Promise<Ways> {
  const { client } = database.createKnexConfig() as { client: string };
  const connection = urlOf(database);
  const proxy = await TcpProxy.start(connection);
  closing.later(() => proxy.close());
  const broker = await BrokerWay.open();
  closing.later(() => broker.close());
  return {
    direct: { client, connection },
    creators: { knex: { client, connection }, amqpUrl: amqpUrl() },
    workers: { knex: { client, connection: proxy.url }, amqpUrl: broker.address },
    proxy,
    broker,
  };
}
