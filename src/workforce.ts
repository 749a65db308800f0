import { hostname } from 'node:os';
import type { Assembly } from './assembly.js';
import { addressOf, checkWorkerOptions, retentionOf, type WorkerOptions } from './config/index.js';
import { ProgramWorker, type WorkerEnvironment, type WorkerParts } from './consumer/index.js';
import { ConfigError } from './errors/index.js';
import { validateLibrary, type JobLibrary } from './jobs/index.js';
import { createLocalQueueManager } from './queue-manager/index.js';
import { createLogger } from './telemetry/logger.js';

type Parts = Pick<Assembly, 'config' | 'emit' | 'database' | 'programs' | 'queue'>;

/** The workers of one executor. */
export class Workforce {
  readonly workers = new Set<ProgramWorker>();
  readonly #parts: Parts;
  readonly #createProgram: WorkerEnvironment['createProgram'];

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
   */
  start(environment: WorkerEnvironment, batch: WorkerParts['batch']): ProgramWorker {
    const { config, queue } = this.#parts;
    const worker = new ProgramWorker({
      environment,
      options: environment.options,
      batch,
      queue: batch === undefined ? queue : createLocalQueueManager(),
      retention: retentionOf(config.retention),
      leaseThread: this.#leaseThread(),
    });
    this.workers.add(worker);
    return worker;
  }

  /** Resolves when all have stopped. */
  async stop(): Promise<void> {
    await Promise.all([...this.workers].map((worker) => worker.stop()));
  }

  #leaseThread() {
    const { config, database } = this.#parts;
    const { tableName, dialect } = config;
    const address = addressOf(database.knex);
    return address && { address, tableName, dialect };
  }
}
