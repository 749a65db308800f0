import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import {
  addressOf,
  checkConfig,
  checkWorkerOptions,
  closeDatabase,
  openDatabase,
  type CheckedConfig,
  type ExecutorConfig,
  type OpenDatabase,
  type WorkerOptions,
} from './config/index.js';
import { isWorkerId, ProgramWorker, type Worker, type WorkerEnvironment } from './consumer/index.js';
import { createQueue } from './create-queue.js';
import { decoratorsOf } from './decorators.js';
import { ClosedError, ConfigError, InvalidProgramError, messageOf, readProperty } from './errors/index.js';
import { shareParts } from './executor-parts.js';
import {
  validateLibrary,
  type CreateOptions,
  type JobLibrary,
  type ProgramInput,
  type ProgramOf,
} from './jobs/index.js';
import type { ProgramView } from './program/program.js';
import { ProgramCreator, type ProgramSource } from './program-creator.js';
import { checkRunId, ProgramHandler } from './program-handler/index.js';
import type { QueueManager } from './queue-manager/index.js';
import { safeEmit, type Emit, type ExecutorEvents } from './telemetry/events.js';
import { createLogger, type Logger } from './telemetry/logger.js';

/** What goes for every program of a bulk. */
export type BulkOptions = Omit<CreateOptions, 'runId'>;

/** Rings under way when the executor is closed get this long to be confirmed, in milliseconds. */
const RING_TIMEOUT_MS = 5_000;

/**
 * Creates programs, and runs them in worker processes. `Library` is the type of the job library, if
 * `createProgram` is to know its job names and the shape of each job's data.
 */
export class ProgramExecutor<Library extends JobLibrary = JobLibrary> extends EventEmitter<ExecutorEvents> {
  readonly #config: CheckedConfig;
  readonly #logger: Logger;
  readonly #emit: Emit;
  readonly #database: OpenDatabase;
  readonly #programs: ProgramHandler;
  readonly #queue: QueueManager;
  readonly #creator: ProgramCreator;
  readonly #workers = new Set<ProgramWorker>();
  #closing: Promise<void> | undefined;

  /** @throws ConfigError naming the key that is wrong. Does no I/O. */
  constructor(config: ExecutorConfig = {}) {
    super();
    this.#config = checkConfig(config);
    this.#logger = config.logger ?? createLogger('program-executor');
    this.#emit = safeEmit(this, (event, error) =>
      this.#logger.error('listener-failed', { event, error_message: messageOf(error) }),
    );
    this.#database = openDatabase(this.#config, this.#logger);
    const decorators = decoratorsOf(config);
    const options = {
      ...this.#config,
      logger: this.#logger,
      decorateDialect: decorators.dialect,
      onCreated: (runIds: readonly string[]) => void this.#queue.ring(runIds),
    };
    this.#programs = new ProgramHandler(this.#database.knex, options);
    const parts = { logger: this.#logger, emit: this.#emit };
    this.#queue = decorators.queue(createQueue(this.#config, parts));
    this.#creator = new ProgramCreator(this.#programs, this.#queue, this.#emit);
    shareParts(this, {
      programs: this.#programs,
      workers: this.#workers,
      environment: (library, options) => this.#runEnvironment(library as Library, options),
    });
  }

  /** The same as `new ProgramExecutor(config)`. */
  static create<Library extends JobLibrary = JobLibrary>(
    config: ExecutorConfig = {},
  ): ProgramExecutor<Library> {
    return new ProgramExecutor<Library>(config);
  }

  /**
   * Creates a program; resolves with its `runId` when it is committed. An unreachable broker does not
   * matter: workers find the row.
   * @throws InvalidProgramError, PayloadTooLargeError before anything is written
   * @throws DatabaseUnavailableError after 10 s of errors or 20 s of silence; whether the program exists is
   * then unknown, so repeat the call with a `runId` of your own, which creates it at most once
   */
  async createProgram(program: ProgramOf<Library>, options: CreateOptions = {}): Promise<string> {
    this.#assertOpen('createProgram');
    const [runId] = await this.#creator.create([program], options);
    return runId as string;
  }

  /**
   * Creates any number of programs; resolves with their `runId`s, in order, when all are committed.
   * All are checked before the first is written. They are committed in groups: when a call rejects half-way,
   * some exist. With `trx`, all or none do.
   */
  createPrograms(programs: readonly ProgramOf<Library>[], options?: BulkOptions): Promise<string[]>;
  /**
   * Creates what a source yields, however much that is: it is read as fast as programs are committed, and
   * memory holds three thousand of them at most. Each thousand is checked before it is written; when the
   * call rejects, all but the last two thousand that were read exist.
   */
  createPrograms(
    programs: ProgramSource<ProgramOf<Library>>,
    options?: BulkOptions,
  ): Promise<{ created: number }>;
  async createPrograms(
    programs: ProgramSource<ProgramOf<Library>>,
    options: BulkOptions = {},
  ): Promise<string[] | { created: number }> {
    this.#assertOpen('createPrograms');
    if (readProperty(options, 'runId') !== undefined)
      throw new InvalidProgramError('runId', 'belongs to a single program');
    if (Array.isArray(programs)) return this.#creator.create(programs, options);
    return { created: await this.#creator.createFrom(programs, options) };
  }

  /**
   * Starts a worker on this library's jobs; resolves when it is ready, before it claims anything.
   * @throws ConfigError, ProgramExecutorError PE_INVALID_JOB, DatabaseUnavailableError
   */
  async processPrograms(library: Library, options: WorkerOptions = {}): Promise<Worker> {
    this.#assertOpen('processPrograms');
    const environment = this.#runEnvironment(library, options);
    await this.#programs.ensureTable();
    this.#assertOpen('processPrograms');
    const worker = new ProgramWorker({
      environment,
      options: environment.options,
      queue: this.#queue,
      leaseThread: this.#leaseThread(),
    });
    this.#workers.add(worker);
    return worker;
  }

  /** The program as it is now; undefined when there is none. */
  async getProgram(runId: string): Promise<ProgramView | undefined> {
    this.#assertOpen('getProgram');
    checkRunId(runId);
    await this.#programs.ensureTable();
    return this.#programs.read(runId);
  }

  /**
   * Ends a program as errored: no further job starts, and a running one is aborted at its next heartbeat.
   * Resolves with false when it had ended before.
   * @throws ProgramNotFoundError
   */
  async cancelProgram(runId: string, reason = 'Cancelled'): Promise<boolean> {
    this.#assertOpen('cancelProgram');
    checkRunId(runId);
    if (typeof reason !== 'string') throw new InvalidProgramError('reason', 'expected a text');
    return this.#programs.cancel(runId, reason);
  }

  /**
   * Lets an errored program go on from its step, with its retries counted anew. Resolves with false when it
   * was not errored.
   * @throws ProgramNotFoundError
   */
  async resumeProgram(runId: string): Promise<boolean> {
    this.#assertOpen('resumeProgram');
    checkRunId(runId);
    const isResumed = await this.#programs.resume(runId);
    if (isResumed) void this.#queue.ring([runId]);
    return isResumed;
  }

  /**
   * For whoever watches over worker processes: ends the leases of a worker that has died, so that others take
   * its programs over at once, each with a loss counted. Resolves with how many there were.
   * @param workerId the `id` of the Worker
   * @throws ConfigError when it is none
   */
  async expireClaims(workerId: string): Promise<number> {
    this.#assertOpen('expireClaims');
    if (!isWorkerId(workerId)) throw new ConfigError('workerId', 'expected the id of a Worker');
    const runIds = await this.#programs.expireClaims(workerId);
    if (runIds.length > 0) void this.#queue.ring(runIds);
    return runIds.length;
  }

  /**
   * Brings the tables up to date; resolves with the SQL that was run or, with `dryRun`, would be.
   */
  async migrate(options: { dryRun?: boolean } = {}): Promise<string[]> {
    this.#assertOpen('migrate');
    const dryRun = readProperty(options, 'dryRun');
    if (dryRun !== undefined && typeof dryRun !== 'boolean')
      throw new ConfigError('options.dryRun', 'expected true or false');
    return dryRun ? this.#programs.planTable() : this.#programs.updateTable();
  }

  /**
   * Stops the workers, waits for rings under way, and lets go of every connection that was opened here. Resolves
   * also when broker and database do not answer: their sockets are cut then.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.stop()));
    await this.#queue.close(RING_TIMEOUT_MS);
    this.#programs.close(new ClosedError('write'));
    if (this.#database.isOwn) await closeDatabase(this.#database.knex);
  }

  #assertOpen(what: string): void {
    if (this.#closing) throw new ClosedError(what);
  }

  /** @throws ConfigError, ProgramExecutorError PE_INVALID_JOB */
  #runEnvironment(library: Library, options: WorkerOptions): WorkerEnvironment {
    validateLibrary(library);
    const { queueName } = this.#config;
    return {
      library,
      options: checkWorkerOptions(options, this.#config.retry),
      programs: this.#programs,
      owner: `${hostname()}:${process.pid}`.slice(0, 200),
      queueName,
      logger: this.#config.logger ?? createLogger(`program-executor-${queueName}-consumer`),
      emit: this.#emit,
      createProgram: (program: ProgramInput, createOptions?: CreateOptions) =>
        this.createProgram(program as ProgramOf<Library>, createOptions),
      ring: (runId: string) => void this.#queue.ring([runId]),
    };
  }

  #leaseThread() {
    const address = addressOf(this.#database.knex);
    const { tableName, dialect } = this.#config;
    return address && { address, tableName, dialect };
  }
}
