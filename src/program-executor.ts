import { assemble, type Assembly } from './assembly.js';
import { Batches } from './batches/batches.js';
import {
  checkMigrateOptions,
  checkPruneOptions,
  closeDatabase,
  type ExecutorConfig,
  type MigrateOptions,
  type PruneOptions,
  type WorkerOptions,
} from './config/index.js';
import { isWorkerId, type Worker } from './consumer/index.js';
import { ClosedError, ConfigError, InvalidProgramError, readProperty } from './errors/index.js';
import { ExecutorControls } from './executor-controls.js';
import { shareParts } from './executor-parts.js';
import type { CreateOptions, JobLibrary, ProgramOf } from './jobs/index.js';
import { Pools } from './pools/pools.js';
import type { ProgramView } from './program/program.js';
import type { ProgramControl } from './program-control.js';
import type { ProgramSource } from './program-creator.js';
import { checkRunId, type Pruned, type WorkerView } from './program-handler/index.js';
import { wakeWorkers } from './wake-workers.js';
import { within } from './within.js';
import { Workforce } from './workforce.js';

/** What goes for every program of a bulk. */
export type BulkOptions = Omit<CreateOptions, 'runId'>;

/** Rings under way when the executor is closed get this long to be confirmed, in milliseconds. */
const RING_TIMEOUT_MS = 5_000;

/**
 * Creates programs, and runs them in worker processes. `Library` is the type of the job library, if
 * `createProgram` is to know its job names and the shape of each job's data.
 */
export class ProgramExecutor<Library extends JobLibrary = JobLibrary> extends ExecutorControls {
  /** Programs that belong together. */
  readonly batches: Batches<Library>;
  /** Limits over all workers. */
  readonly pools: Pools;
  readonly #parts: Assembly;
  readonly #workforce: Workforce;
  #closing: Promise<void> | undefined;

  /** @throws ConfigError naming the key that is wrong. Does no I/O. */
  constructor(config: ExecutorConfig = {}) {
    super();
    this.#parts = assemble(this, config);
    this.#workforce = new Workforce(this.#parts, (program, options) =>
      this.createProgram(program as ProgramOf<Library>, options),
    );
    const assertOpen = (what: string) => this.#assertOpen(what);
    const { programs, queue, creator, config: checked } = this.#parts;
    this.pools = new Pools(programs, queue, assertOpen);
    const { interruption } = checked;
    const wake = () => wakeWorkers(queue);
    this.batches = new Batches({ programs, creator, interruption, assertOpen, wake });
    shareParts(this, {
      programs,
      assertOpen,
      workers: this.#workforce.workers,
      environment: (library, options) => this.#workforce.environment(library, options),
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
    const [runId] = await this.#parts.creator.create([program], options);
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
    if (Array.isArray(programs)) return this.#parts.creator.create(programs, options);
    return { created: await this.#parts.creator.createFrom(programs, options) };
  }

  /**
   * Starts a worker on this library's jobs; resolves when it is ready, before it claims anything.
   * @throws ConfigError, ProgramExecutorError PE_INVALID_JOB, DatabaseUnavailableError, SchemaLockedError
   */
  async processPrograms(library: Library, options: WorkerOptions = {}): Promise<Worker> {
    this.#assertOpen('processPrograms');
    const environment = this.#workforce.environment(library, options);
    await this.#parts.programs.ensureTable();
    const batch = await this.#workforce.batchOf(environment);
    this.#assertOpen('processPrograms');
    return this.#workforce.start(environment, batch);
  }

  /** The program as it is now; undefined when there is none. */
  async getProgram(runId: string): Promise<ProgramView | undefined> {
    this.#assertOpen('getProgram');
    checkRunId(runId);
    await this.#parts.programs.ensureTable();
    return this.#parts.programs.read(runId);
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
    const { plain, lined } = await this.#parts.programs.expireClaims(workerId);
    if (plain.length > 0) void this.#parts.queue.ring(plain);
    if (lined.length > 0) wakeWorkers(this.#parts.queue);
    return plain.length + lined.length;
  }

  /** The workers on this table, those included that died within the last day. */
  async workers(): Promise<WorkerView[]> {
    this.#assertOpen('workers');
    await this.#parts.programs.ensureTable();
    return this.#parts.programs.upkeep.workers();
  }

  /**
   * Deletes programs that ended long ago, with their attempts; resolves with how many there were.
   * @throws ConfigError
   */
  async prune(options: PruneOptions = {}): Promise<Pruned> {
    this.#assertOpen('prune');
    const { config, programs } = this.#parts;
    const request = checkPruneOptions(options, config.retention);
    await programs.ensureTable();
    return programs.upkeep.prune(request);
  }

  /**
   * Brings the tables up to date; resolves with the SQL that was run or, with `dryRun`, would be.
   * @throws ConfigError, DatabaseUnavailableError, SchemaLockedError
   */
  async migrate(options: MigrateOptions = {}): Promise<string[]> {
    this.#assertOpen('migrate');
    checkMigrateOptions(options);
    return options.dryRun ? this.#parts.programs.planTable() : this.#parts.programs.updateTable();
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
    const { queue, programs, database, creator } = this.#parts;
    await this.#workforce.stop();
    await within(RING_TIMEOUT_MS, creator.told());
    await queue.close(RING_TIMEOUT_MS);
    programs.close(new ClosedError('write'));
    if (database.isOwn) await closeDatabase(database.knex);
  }

  protected override controlFor(call: string): ProgramControl {
    this.#assertOpen(call);
    return this.#parts.control;
  }

  #assertOpen(what: string): void {
    if (this.#closing) throw new ClosedError(what);
  }
}
