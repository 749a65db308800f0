import { hostname } from 'node:os';
import type { Assembly } from './assembly.js';
import { addressOf, checkWorkerOptions, retentionOf, type WorkerOptions } from './config/index.js';
import {
  ProgramWorker,
  startLeases,
  type Leases,
  type WorkerEnvironment,
  type WorkerParts,
} from './consumer/index.js';
import { ClosedError, ConfigError } from './errors/index.js';
import { validateLibrary, type JobLibrary } from './jobs/index.js';
import { createLocalQueueManager } from './queue-manager/index.js';
import { createLogger } from './telemetry/logger.js';

type Parts = Pick<Assembly, 'config' | 'emit' | 'database' | 'programs' | 'queue'>;

/** The workers of one executor. */
export class Workforce {
  readonly workers = new Set<ProgramWorker>();
  readonly #parts: Parts;
  readonly #createProgram: WorkerEnvironment['createProgram'];
  #isStopping = false;

  constructor(parts: Parts, createProgram: WorkerEnvironment['createProgram']) {
    this.#parts = parts;
    this.#createProgram = createProgram;
  }

  /**
   * What a worker on this library gives to its runs.
   * @throws ConfigError, ProgramExecutorError PE_INVALID_JOB
   */
  environment(library: JobLibrary, options: WorkerOptions): WorkerEnvironment {
    validateLibrary(library);
    const { config, programs, queue, emit } = this.#parts;
    const { queueName } = config;
    return {
      library,
      options: checkWorkerOptions(options, config.retry),
      programs,
      owner: `${hostname()}:${process.pid}`.slice(0, 200),
      queueName,
      logger: config.logger ?? createLogger(`program-executor-${queueName}-consumer`),
      emit,
      createProgram: this.#createProgram,
      ring: (runId, note) => void queue.ring([runId], note),
    };
  }

  /**
   * The batch that a worker with these options is for; undefined: it is for all programs.
   * @throws ConfigError when there is no such batch
   */
  async batchOf({ options: { batch: code } }: WorkerEnvironment): Promise<WorkerParts['batch']> {
    if (code === undefined) return undefined;
    const batch = await this.#parts.programs.batches.find('code', code);
    if (batch) return batch;
    throw new ConfigError(
      'options.batch',
      `there is no batch ${code}; create it first, with batches.create({ code: ${JSON.stringify(code)} })`,
    );
  }

  /**
   * Starts a worker; it claims nothing before this has returned. One that is for a batch hears no hints: those that
   * it took would be lost for the workers that may run their programs.
   * @throws ClosedError when all were told to stop meanwhile
   */
  async start(environment: WorkerEnvironment, batch: WorkerParts['batch']): Promise<ProgramWorker> {
    const { config, queue } = this.#parts;
    const leases = await this.#startLeases(environment);
    if (this.#isStopping) {
      await leases.close();
      throw new ClosedError('processPrograms');
    }
    const worker = new ProgramWorker({
      environment,
      options: environment.options,
      batch,
      queue: batch === undefined ? queue : createLocalQueueManager(),
      retention: retentionOf(config.retention),
      leases,
    });
    this.#forgetStopped();
    this.workers.add(worker);
    return worker;
  }

  /** Resolves when all have stopped. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.workers].map((worker) => worker.stop()));
  }

  #startLeases({ options, programs, logger }: WorkerEnvironment): Promise<Leases> {
    const { leaseMs, maxBlockedMs } = options;
    const thread = this.#leaseThread();
    return startLeases({
      thread: thread && { ...thread, leaseMs, maxBlockedMs },
      leaseMs,
      logger,
      renew: (claims) => programs.renew(claims, leaseMs),
    });
  }

  /** An executor may start a worker for each of thousands of batches. */
  #forgetStopped(): void {
    for (const worker of this.workers) if (worker.hasStopped) this.workers.delete(worker);
  }

  /** undefined: no second connection can be made, so leases are kept in the main thread. */
  #leaseThread() {
    const { config, database } = this.#parts;
    const { tableName, dialect } = config;
    const address = addressOf(database.knex);
    return address && { address, tableName, dialect };
  }
}
