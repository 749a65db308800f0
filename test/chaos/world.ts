import knexPackage, { type Knex } from 'knex';
import { DatabaseUnavailableError, ProgramExecutor, type ExecutorConfig } from '../../index.js';
import { installAuditTriggers, removeAudit } from '../faults/harness/audit-triggers.js';
import { QUIET } from '../support/quiet-knex.js';
import { createWorkerRole } from '../faults/harness/worker-role.js';
import { amqpUrl, uniqueQueue } from '../support/brokers.js';
import { databasePath, urlOf, type TestDatabase } from '../support/databases.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { drawSteps, jobAt, type Step } from './steps.js';
import type { Random } from './random.js';
import { Workforce } from './workforce.js';

/** Short, so that a run of minutes sees many takeovers. */
export const LEASE_MS = 2_000;

export interface WorldOptions {
  readonly database: TestDatabase;
  readonly isFenceOff: boolean;
}

/** Everything a chaos run lives in: tables with an audit, the ways to the servers, creators and workers. */
export class World {
  readonly programs = new Map<string, readonly Step[]>();
  /** Programs that somebody has tried to cancel. */
  readonly cancelled = new Set<string>();

  private constructor(
    readonly database: TestDatabase,
    readonly table: string,
    readonly queue: string,
    /** Not the executor's: for looking, and for harm by hand. */
    readonly knex: Knex,
    readonly executor: ProgramExecutor,
    readonly workforce: Workforce,
    /** The workers' ways to the servers; none to a file. */
    readonly proxies: { readonly database?: TcpProxy; readonly broker?: TcpProxy },
    /** The workers' user, on a server. */
    readonly role: Awaited<ReturnType<typeof createWorkerRole>> | undefined,
  ) {}

  static async open({ database, isFenceOff }: WorldOptions): Promise<World> {
    const table = database.uniqueTable();
    const queue = uniqueQueue();
    const ways = await openWays(database);
    const knex = knexPackage({ ...QUIET, pool: { min: 0, max: 4 }, ...ways.direct, useNullAsDefault: true });
    const names = { tableName: table, queueName: queue };
    const executor = ProgramExecutor.create({ ...ways.creators, ...names });
    executor.on('dispatchFailed', () => undefined);
    await executor.migrate();
    await installAuditTriggers(knex, database.kind, table);
    await knex.schema.createTable(`${table}_effects`, (t) => {
      t.string('run_id', 255).notNullable();
      t.integer('step').notNullable();
    });
    const tables = ['', '_attempts', '_audit', '_effects'].map((suffix) => table + suffix);
    const role = database.server && (await createWorkerRole(knex, tables, database));
    const workforce = new Workforce({
      config: { ...(role ? asUser(ways.workers, role.url) : ways.workers), ...names },
      effectsTable: `${table}_effects`,
      leaseMs: LEASE_MS,
      ...(isFenceOff && { unfencedDatabase: urlOf(database) }),
    });
    return new World(database, table, queue, knex, executor, workforce, ways.proxies, role);
  }

  /** Creates random programs; resolves when they are committed, however often the database fails meanwhile. */
  async create(count: number, random: Random): Promise<void> {
    const drawn = Array.from({ length: count }, () => drawSteps(random));
    await Promise.all(drawn.map((steps) => this.#createOne(steps)));
  }

  /** Ends every process and removes what is on the servers. */
  async close(): Promise<void> {
    await this.workforce.disband();
    await this.executor.close();
    await removeAudit(this.knex, this.database.kind, this.table);
    for (const suffix of ['_effects', '_attempts', ''])
      await this.knex.schema.dropTableIfExists(this.table + suffix);
    await this.role?.drop();
    await this.knex.destroy();
    await this.proxies.database?.close();
    await this.proxies.broker?.close();
  }

  async #createOne(steps: readonly Step[]): Promise<void> {
    const runId = crypto.randomUUID();
    const program = { jobs: steps.map((_, step) => jobAt(step)), programData: { steps } };
    for (;;) {
      try {
        await this.executor.createProgram(program, { runId });
        this.programs.set(runId, steps);
        return;
      } catch (error) {
        // Whether it exists is unknown now; the same id creates it at most once.
        if (!(error instanceof DatabaseUnavailableError)) throw error;
      }
    }
  }
}

interface Ways {
  /** As nobody but the test goes. */
  readonly direct: Knex.Config;
  readonly creators: ExecutorConfig;
  readonly workers: ExecutorConfig;
  readonly proxies: World['proxies'];
}

/** The same way, as the user of this URL. */
function asUser(config: ExecutorConfig, userUrl: string): ExecutorConfig {
  const { client, connection } = config.knex as { client: string; connection: string };
  const [url, user] = [new URL(connection), new URL(userUrl)];
  [url.username, url.password] = [user.username, user.password];
  return { ...config, knex: { client, connection: url.href } };
}

async function openWays(database: TestDatabase): Promise<Ways> {
  return database.kind === 'sqlite' ? waysToFile(database) : waysToServers(database);
}

function waysToFile(database: TestDatabase): Ways {
  const databaseFile = databasePath();
  const config = { databasePath: databaseFile };
  const direct = {
    ...database.createKnexConfig(),
    connection: { filename: databaseFile },
    // Waiting for a lock blocks this process, which may be the one that has to let go of it.
    pool: { min: 0, max: 4, afterCreate: doNotWaitForLocks },
  };
  return { direct, creators: config, workers: config, proxies: {} };
}

function doNotWaitForLocks(connection: { exec(sql: string): void }, done: (error: null) => void): void {
  connection.exec('pragma busy_timeout = 20');
  done(null);
}

async function waysToServers(database: TestDatabase): Promise<Ways> {
  const { client } = database.createKnexConfig() as { client: string };
  const connection = urlOf(database);
  const proxies = { database: await TcpProxy.start(connection), broker: await TcpProxy.start(amqpUrl()) };
  return {
    direct: { client, connection },
    creators: { knex: { client, connection }, amqpUrl: amqpUrl() },
    workers: { knex: { client, connection: proxies.database.url }, amqpUrl: proxies.broker.url },
    proxies,
  };
}
