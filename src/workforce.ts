import { hostname } from 'node:os';
import type { Assembly } from './assembly.js';
import { addressOf, checkWorkerOptions, retentionOf, type WorkerOptions } from './config/index.js';
import { ProgramWorker, type WorkerEnvironment } from './consumer/index.js';
import { validateLibrary, type JobLibrary } from './jobs/index.js';
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
      ring: (runId: string) => void queue.ring([runId]),
    };
  }

  /** Starts a worker; it claims nothing before this has returned. */
  start(environment: WorkerEnvironment): ProgramWorker {
    const { config, queue } = this.#parts;
    const worker = new ProgramWorker({
      environment,
      options: environment.options,
      queue,
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
