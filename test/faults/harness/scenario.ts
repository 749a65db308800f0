import { connect } from 'amqplib';
import knexPackage, { type Knex } from 'knex';
import { ProgramExecutor, type ProgramView, type WorkerOptions } from '../../../index.js';
import { tablesOf } from '../../../migrations/index.js';
import { amqpUrl, uniqueQueue } from '../../support/brokers.js';
import { uniqueTable, urlOf, type TestDatabase } from '../../support/databases.js';
import { installAuditTriggers, removeAudit } from './audit-triggers.js';
import { summary, tell } from './account.js';
import { histories, successes, versions, violations, type Version } from './audit.js';
import { executorConfig } from './child-config.js';
import { Crew } from './crew.js';
import { eventually } from '../../support/eventually.js';
import { QUIET } from '../../support/quiet-knex.js';
import { JOBS, type Actions, type BrokerAddress, type WorkerSpec } from './protocol.js';

export interface ScenarioOptions {
  /** True for a queue of its own on the broker; left out: no broker. An address instead leads there by a detour. */
  readonly broker?: true | BrokerAddress;
  /** By which way the workers reach the database; left out: directly. */
  readonly workersDatabaseUrl?: string;
  readonly options?: WorkerOptions;
}

const POOL = { min: 0, max: 3 };

/** A table of its own, a queue of its own, an executor that creates programs, and a crew that runs them. */
export class Scenario {
  static readonly #open = new Set<Scenario>();
  readonly table = uniqueTable();
  readonly queue = uniqueQueue();
  /** How a worker reaches the scenario's table and queue; plain data. */
  readonly config: WorkerSpec['config'];
  readonly crew: Crew;
  readonly executor: ProgramExecutor;
  /** For looking only; not the executor's. */
  readonly knex: Knex;
  readonly #database: TestDatabase;
  readonly #hasQueue: boolean;
  readonly #ends = new Map<string, 'finished' | 'errored'>();
  #struckAtMs: number | undefined;
  #recoveredInMs: number | undefined;

  constructor(database: TestDatabase, { broker, workersDatabaseUrl, options = {} }: ScenarioOptions = {}) {
    Scenario.#open.add(this);
    this.#database = database;
    this.#hasQueue = broker !== undefined;
    const { looking, config } = connections(database, this.table);
    this.knex = knexPackage({ ...QUIET, ...looking });
    const amqp = broker === undefined ? {} : { amqpUrl: broker === true ? amqpUrl() : broker };
    const names = { tableName: this.table, queueName: this.queue };
    this.executor = ProgramExecutor.create(executorConfig({ ...config, ...amqp, ...names }));
    const detour = config.knex && workersDatabaseUrl;
    const workersConfig = detour ? { knex: { ...config.knex, connection: detour } } : config;
    this.config = { ...workersConfig, ...amqp, ...names };
    this.crew = new Crew({
      config: this.config,
      options: { concurrency: 5, leaseMs: 2_000, ...options },
      graceMs: 10_000,
      isGateOpen: true,
    });
  }

  /** A scenario whose table exists and is audited. */
  static async open(database: TestDatabase, options: ScenarioOptions = {}): Promise<Scenario> {
    const scenario = new Scenario(database, options);
    await scenario.executor.migrate();
    await scenario.audit();
    return scenario;
  }

  /** For `afterEach`: ends every process, also of a failed test, and removes tables and queues. */
  static async closeAll(): Promise<void> {
    const open = [...Scenario.#open];
    Scenario.#open.clear();
    for (const scenario of open) await scenario.#close();
  }

  /** From now on every change is written down; the table must exist. */
  async audit(): Promise<void> {
    await installAuditTriggers(this.knex, this.#database.kind, this.table);
  }

  /** Creates as many programs of all three jobs, each with these actions. */
  async create(count: number, actions: Actions = {}): Promise<string[]> {
    const program = { jobs: [...JOBS], programData: actions };
    const runIds = await this.executor.createPrograms(Array(count).fill(program));
    for (const runId of runIds) this.expectEnd(runId, 'finished');
    return runIds;
  }

  /** Programs are expected to finish; this one may be expected to fail. */
  expectEnd(runId: string, end: 'finished' | 'errored'): void {
    this.#ends.set(runId, end);
  }

  /** The fault happens now: the time until all programs have ended is told with the test. */
  struck(): void {
    this.#struckAtMs = performance.now();
  }

  /** Resolves when `count` programs, or all of them, have ended. */
  async ended(count?: number, deadlineMs?: number): Promise<void> {
    const wanted = (): number => count ?? this.#ends.size;
    const haveEnded = async (): Promise<boolean> => (await this.#countEnded()) >= wanted();
    await eventually(`${wanted()} programs ended`, haveEnded, deadlineMs);
    if (this.#struckAtMs !== undefined) this.#recoveredInMs = performance.now() - this.#struckAtMs;
  }

  /** The program, once `fits`. */
  program(runId: string, fits: (program: ProgramView) => boolean): Promise<ProgramView> {
    return eventually(`program ${runId} as expected`, async () => {
      const program = await this.executor.getProgram(runId);
      return program && fits(program) ? program : undefined;
    });
  }

  versions(runId?: string): Promise<Version[]> {
    return versions(this.knex, this.table, runId);
  }

  /** What the audit finds wrong: nothing when every program ended as expected and every transition was made once. */
  async verdict(): Promise<string[]> {
    const succeeded = await successes(this.knex, this.table);
    const all = await this.versions();
    tell(summary(all, this.#recoveredInMs));
    const byRunId = histories(all);
    return [...this.#ends].flatMap(([runId, end]) =>
      violations({ runId, end, jobs: JOBS.length }, byRunId.get(runId) ?? [], succeeded),
    );
  }

  async #countEnded(): Promise<number> {
    const rows = await this.knex(this.table)
      .whereNotNull('finished_at')
      .orWhereNotNull('errored_at')
      .count({ count: '*' });
    return Number(rows[0]?.['count']);
  }

  async #close(): Promise<void> {
    await this.crew.disband();
    await this.executor.close();
    if (this.#hasQueue) await removeQueue(this.queue);
    await removeAudit(this.knex, this.#database.kind, this.table);
    for (const table of Object.values({ ...tablesOf(this.table) }))
      await this.knex.schema.dropTableIfExists(table);
    await this.knex.destroy();
  }
}

function connections(database: TestDatabase, table: string) {
  const looking = database.createKnexConfig();
  if (database.kind !== 'sqlite') {
    const knex = { client: looking.client as string, connection: named(urlOf(database), table), pool: POOL };
    return { looking: { ...looking, pool: POOL }, config: { knex } };
  }
  const { filename } = looking.connection as { filename: string };
  return { looking, config: { databasePath: filename } };
}

async function removeQueue(queue: string): Promise<void> {
  const connection = await connect(amqpUrl());
  try {
    const channel = await connection.createChannel();
    await channel.deleteQueue(queue);
  } finally {
    await connection.close();
  }
}

/** PostgreSQL shows connections under this name, so that a test finds those of its own scenario. */
function named(databaseUrl: string, table: string): string {
  const url = new URL(databaseUrl);
  if (url.protocol.startsWith('postgres')) url.searchParams.set('application_name', table);
  return url.href;
}
