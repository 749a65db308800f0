import knexPackage, { type Knex } from 'knex';
import { ProgramExecutor } from '../../index.js';
import { dropTablespace, moveAttempts } from '../faults/harness/attempts-on-disk.js';
import { installAuditTriggers, removeAudit } from '../faults/harness/audit-triggers.js';
import { withChannel } from '../faults/harness/broker-hand.js';
import { executorConfig } from '../faults/harness/child-config.js';
import type { WorkerSpec } from '../faults/harness/protocol.js';
import { createWorkerRole } from '../faults/harness/worker-role.js';
import { uniqueQueue } from '../support/brokers.js';
import { urlOf, type TestDatabase } from '../support/databases.js';
import { QUIET } from '../support/quiet-knex.js';
import { Closing } from './closing.js';
import { Programs } from './programs.js';
import { openWays, type Ways } from './ways.js';
import { withUser } from './with-user.js';
import { Workforce } from './workforce.js';

/** Short, so that a run of minutes sees many takeovers. */
const LEASE_MS = 2_000;

export interface WorldOptions {
  readonly database: TestDatabase;
  /** True: writes are not guarded, which must show. PostgreSQL only. */
  readonly isFenceOff: boolean;
}

/** Everything a chaos run lives in: tables with an audit, the ways to the servers, creators and workers. */
export interface World {
  readonly database: TestDatabase;
  readonly table: string;
  readonly queue: string;
  /** Not the executor's: for looking, and for harm by hand. */
  readonly knex: Knex;
  readonly ways: Ways;
  /** The workers' user, on a server. */
  readonly role: WorkerRole | undefined;
  readonly executor: ProgramExecutor;
  readonly programs: Programs;
  readonly workforce: Workforce;
}

export type WorkerRole = Awaited<ReturnType<typeof createWorkerRole>>;

/** Works in a new world, of which nothing is left afterwards. */
export async function withWorld<T>(options: WorldOptions, work: (world: World) => Promise<T>): Promise<T> {
  const closing = new Closing();
  try {
    return await work(await openWorld(options, closing));
  } finally {
    await closing.now();
  }
}

async function openWorld({ database, isFenceOff }: WorldOptions, closing: Closing): Promise<World> {
  const table = database.uniqueTable();
  const queue = uniqueQueue();
  const ways = await openWays(database, closing);
  const { broker } = ways;
  const knex = knexPackage({ ...QUIET, pool: { min: 0, max: 4 }, ...ways.direct, useNullAsDefault: true });
  closing.later(() => knex.destroy());
  // Whoever creates the tables anew in their absence would keep them from coming back.
  const names = { tableName: table, queueName: queue, createTable: false };
  const executor = ProgramExecutor.create(executorConfig({ ...ways.creators, ...names }));
  executor.on('dispatchFailed', () => undefined);
  closing.later(() => executor.close());
  if (broker) closing.later(() => withChannel((channel) => channel.deleteQueue(queue)));
  const place = { database, table, knex, ways };
  await createTables(place, executor, closing);
  const role = await openRole(place, closing);
  const workforce = new Workforce(
    {
      config: { ...asRole(ways.workers, role), ...names },
      effectsTable: `${table}_effects`,
      leaseMs: LEASE_MS,
      ...(isFenceOff && { unfencedDatabase: urlOf(database) }),
    },
    broker?.environment ?? {},
  );
  closing.later(() => workforce.disband());
  return { ...place, queue, role, executor, workforce, programs: new Programs(executor) };
}

type Place = Pick<World, 'database' | 'table' | 'knex' | 'ways'>;

/** The executor's, the audit's, and one for what jobs do. */
async function createTables(place: Place, executor: ProgramExecutor, closing: Closing): Promise<void> {
  const { database, table, knex, ways } = place;
  closing.later(() => dropTablespace(knex, database, table));
  for (const suffix of ['', '_attempts', '_effects'])
    closing.later(() => knex.schema.dropTableIfExists(table + suffix));
  closing.later(() => removeAudit(knex, database.kind, table));
  await executor.migrate();
  await installAuditTriggers(knex, database.kind, table);
  await knex.schema.createTable(`${table}_effects`, (t) => {
    t.string('run_id', 255).notNullable();
    t.integer('step').notNullable();
  });
  if (ways.disk && database.server) await moveAttempts(knex, database, { table, path: ways.disk.path });
}

async function openRole({ database, table, knex }: Place, closing: Closing): Promise<WorkerRole | undefined> {
  if (!database.server) return undefined;
  const tables = ['', '_attempts', '_audit', '_effects'].map((suffix) => table + suffix);
  const role = await createWorkerRole(knex, tables, database);
  closing.later(() => role.drop());
  return role;
}

function asRole(config: WorkerSpec['config'], role: WorkerRole | undefined): WorkerSpec['config'] {
  const { knex } = config;
  if (!knex || !role) return config;
  return { ...config, knex: { ...knex, connection: withUser(knex.connection, role.url) } };
}
