import knexPackage, { type Knex } from 'knex';
import { tablesOf } from '../../migrations/index.js';
import {
  defineJob,
  ProgramExecutor,
  type CreateOptions,
  type DefinedJob,
  type Execute,
  type ExecutorConfig,
  type ExecutorEvents,
  type JobLibrary,
  type JobPolicy,
  type ProgramInput,
  type ProgramView,
  type Worker,
  type WorkerOptions,
} from '../../index.js';
import { Broker } from '../queue-manager/harness.js';
import { Inbox } from '../support/inbox.js';
import { Log } from '../support/log.js';
import { amqpUrl, uniqueQueue } from '../support/brokers.js';
import { variants, type Variant } from './variants.js';

const EVENTS = [
  'programError',
  'programFinished',
  'jobStarted',
  'jobFinished',
  'jobRetried',
  'leaseLost',
] as const;
type EventName = (typeof EVENTS)[number];

/** An event of any executor of the test. */
export interface Emitted {
  readonly name: EventName;
  readonly runId: string;
  readonly data: any;
}

/** A program's or an attempt's row as the driver gives it. */
export type RawRow = Record<string, any>;

/** Defines a suite once for every variant that fits; each test has a table and a queue of its own. */
export function describeContract(
  title: string,
  define: (t: Fixture) => void,
  fits: (variant: Variant) => boolean = () => true,
): void {
  for (const variant of variants().filter(fits))
    describe(`contract, ${title}: ${variant.name}`, () => {
      const fixture = new Fixture(variant);
      before(() => fixture.connect());
      beforeEach(() => fixture.open());
      afterEach(() => fixture.close());
      after(() => fixture.disconnect());
      define(fixture);
    });
}

/** Heavy cases, and those that never reach the broker, run once a database. */
export const withoutBroker = (variant: Variant): boolean => !variant.hasBroker;

/** A job made of one function. */
export function job<const Name extends string>(
  name: Name,
  execute: Execute = () => undefined,
  policy: JobPolicy = {},
): Record<Name, DefinedJob<Name>> {
  return { [name]: defineJob({ name, execute, ...policy }) } as Record<Name, DefinedJob<Name>>;
}

/** A promise, and how to settle it from outside. */
export function gate<T = void>(): { opened: Promise<T>; open(value: T): void } {
  let open!: (value: T) => void;
  const opened = new Promise<T>((resolve) => (open = resolve));
  return { opened, open };
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The error something rejects with; fails when it does not reject. */
export async function rejection(promise: Promise<unknown>): Promise<any> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (!outcome) throw new Error('Expected a rejection');
  return outcome.error;
}

/** An executor on a fresh table, all that it reports, and a way to look at its rows past it. */
export class Fixture {
  readonly variant: Variant;
  knex!: Knex;
  broker: Broker | undefined;
  table!: string;
  queue!: string;
  executor!: ProgramExecutor;
  log!: Log;
  events!: Inbox<Emitted>;
  readonly #executors: ProgramExecutor[] = [];
  readonly #workers: Worker[] = [];
  readonly #tables = new Set<string>();
  readonly #queues = new Set<string>();

  constructor(variant: Variant) {
    this.variant = variant;
  }

  async connect(): Promise<void> {
    this.knex = knexPackage(this.variant.database.createKnexConfig());
    if (this.variant.hasBroker) this.broker = await Broker.open();
  }

  async disconnect(): Promise<void> {
    await this.knex.destroy();
    await this.broker?.close();
  }

  open(): void {
    this.log = new Log();
    this.events = new Inbox();
    this.table = this.newTable();
    this.queue = this.newQueue();
    this.executor = this.createExecutor();
  }

  /** Dropped after the test. */
  newTable(): string {
    const table = this.variant.database.uniqueTable();
    this.#tables.add(table);
    return table;
  }

  newQueue(): string {
    const queue = uniqueQueue();
    this.#queues.add(queue);
    return queue;
  }

  /** Another executor, on the test's table and queue unless told otherwise. */
  createExecutor(config: ExecutorConfig = {}): ProgramExecutor {
    const { knex, table: tableName, queue: queueName, log: logger } = this;
    const { dialect, hasBroker } = this.variant;
    const amqp = hasBroker ? { amqpUrl: amqpUrl() } : {};
    const executor = ProgramExecutor.create({
      knex,
      tableName,
      queueName,
      logger,
      dialect,
      ...amqp,
      ...config,
    });
    this.#record(executor);
    this.#executors.push(executor);
    return executor;
  }

  /** Starts a worker; stopped, without waiting for its jobs, after the test. */
  async work(library: JobLibrary, options: WorkerOptions = {}, executor = this.executor): Promise<Worker> {
    const worker = await executor.processPrograms(library, { leaseMs: 10_000, ...options });
    this.#workers.push(worker);
    return worker;
  }

  create(program: ProgramInput, options: CreateOptions = {}): Promise<string> {
    return this.executor.createProgram(program, options);
  }

  /** Creates a program for a running worker; resolves with how it ended. */
  async run(program: ProgramInput): Promise<ProgramView> {
    return this.ended(await this.create(program));
  }

  /** The program when it is finished or errored. */
  async ended(runId: string): Promise<ProgramView> {
    const isAboutIt = (event: Emitted): boolean => event.runId === runId;
    for (;;) {
      const seen = this.events.items.filter(isAboutIt).length;
      const program = await this.executor.getProgram(runId);
      if (!program) throw new Error(`No program ${runId}`);
      if (program.finishedAt ?? program.erroredAt) return program;
      await this.events.first(seen + 1, isAboutIt);
    }
  }

  /** Resolves with the `count`th event of this name, of one program if told. */
  async event(name: EventName, runId?: string, count = 1): Promise<any> {
    const fits = (event: Emitted): boolean =>
      event.name === name && (runId === undefined || event.runId === runId);
    return (await this.events.first(count, fits))[count - 1]?.data;
  }

  eventCount(name: EventName): number {
    return this.events.items.filter((event) => event.name === name).length;
  }

  /** The row as it is, numbers as numbers. */
  async row(runId: string, table = this.table): Promise<RawRow> {
    const row = (await this.knex(table).where({ run_id: runId }).first()) as RawRow | undefined;
    if (!row) throw new Error(`No row of ${runId}`);
    const numbers = ['id', 'step', 'step_retry_count', 'fence', 'due_at', 'lost_count'];
    return { ...row, ...Object.fromEntries(numbers.map((column) => [column, Number(row[column])])) };
  }

  /** Changes a row as a person at a database prompt would. */
  async change(runId: string, columns: object): Promise<void> {
    await this.knex(this.table).where({ run_id: runId }).update(columns);
  }

  async rowCount(table = this.table): Promise<number> {
    const [row] = await this.knex(table).count({ rows: '*' });
    return Number(row?.['rows']);
  }

  /** What became of each execution of a program's jobs, in order. */
  async attempts(runId: string): Promise<RawRow[]> {
    const { id } = await this.row(runId);
    return this.knex(`${this.table}_attempts`).where({ program_id: id }).orderBy('id');
  }

  async outcomes(runId: string): Promise<string[]> {
    return (await this.attempts(runId)).map((attempt) => `${attempt['job']} ${attempt['outcome']}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.stop({ timeoutMs: 0 })));
    await Promise.all(this.#executors.splice(0).map((executor) => executor.close()));
    for (const table of this.#tables)
      for (const name of Object.values({ ...tablesOf(table) }))
        await this.knex.schema.dropTableIfExists(name);
    if (this.broker) for (const queue of this.#queues) await this.broker.channel.deleteQueue(queue);
    this.#tables.clear();
    this.#queues.clear();
  }

  #record(executor: ProgramExecutor): void {
    for (const name of EVENTS)
      executor.on(name, (data: ExecutorEvents[typeof name][0]) => {
        const runId = 'message' in data ? data.message.runId : data.runId;
        this.events.add({ name, runId, data });
      });
  }
}
