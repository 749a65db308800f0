import knexPackage, { type Knex } from 'knex';
import { ProgramExecutor, type JobLibrary, type WorkerOptions } from '../../../index.js';
import { Inbox } from '../../support/inbox.js';
import { Log, type LogLine } from '../../support/log.js';
import { eventually } from '../../support/eventually.js';
import type { Report } from './protocol.js';
import type { Scenario } from './scenario.js';
import { workerJobs } from './worker-jobs.js';

export interface OwnWorkerOptions {
  /** Changes to the pool that the worker shares with the test. */
  readonly knex?: Knex.Config;
  readonly options?: WorkerOptions;
  /** In place of the jobs that do what their program says. */
  readonly jobs?: JobLibrary;
}

/** A worker in this very process, on a connected knex that is the test's own, as in an application. */
export class OwnWorker {
  static readonly #open = new Set<OwnWorker>();
  readonly knex: Knex;
  readonly log = new Log();
  readonly executor: ProgramExecutor;
  readonly #entered = new Inbox<Report>();
  readonly #scenario: Scenario;
  readonly #library: JobLibrary;
  #letGo: () => void = () => undefined;

  private constructor(scenario: Scenario, { knex = {}, jobs = {} }: OwnWorkerOptions) {
    OwnWorker.#open.add(this);
    this.#scenario = scenario;
    const { config } = scenario.knex.client as { config: Knex.Config };
    this.knex = knexPackage({ ...config, ...knex });
    const { table: tableName, queue: queueName } = scenario;
    this.executor = ProgramExecutor.create({ knex: this.knex, tableName, queueName, logger: this.log });
    const gate = new Promise<void>((resolve) => (this.#letGo = resolve));
    const report = (report: Report): Promise<void> => {
      this.#entered.add(report);
      return Promise.resolve();
    };
    this.#library = { ...workerJobs({}, { report, gate, at: () => undefined }), ...jobs };
  }

  /** Resolves when it runs programs. Jobs that hold wait for `openGate`. */
  static async start(scenario: Scenario, options: OwnWorkerOptions = {}): Promise<OwnWorker> {
    const worker = new OwnWorker(scenario, options);
    await worker.executor.processPrograms(worker.#library, {
      concurrency: 20,
      leaseMs: 60_000,
      ...options.options,
    });
    return worker;
  }

  /** For `afterEach`, before the scenarios are closed. */
  static async closeAll(): Promise<void> {
    const open = [...OwnWorker.#open];
    OwnWorker.#open.clear();
    await Promise.all(open.map((worker) => worker.#close()));
  }

  /** So many new programs, as soon as this worker runs their second jobs, which wait for the gate. */
  async holding(count: number): Promise<string[]> {
    const runIds = await this.#scenario.create(count, { second: { kind: 'hold' } });
    await Promise.all(runIds.map((runId) => this.entered('second', runId)));
    return runIds;
  }

  /** Resolves when this job of this program has started here, `count` times. */
  async entered(job: string, runId: string, count = 1): Promise<void> {
    await this.#entered.first(count, (report) => report.job === job && report.runId === runId);
  }

  openGate(): void {
    this.#letGo();
  }

  /** Resolves when `count` lines with this action were logged of errors whose code and message fit. */
  async failed(action: string, error: RegExp, count = 1): Promise<void> {
    const seen = () => this.log.items.filter((line) => line.action === action).map(errorOf);
    const isSeen = () => Promise.resolve(seen().filter((text) => error.test(text)).length >= count);
    await eventually(`${action} with ${error.source}`, isSeen).catch((cause: unknown) => {
      throw new Error(`${String(cause)}; there were ${seen().join(', ') || 'none'}`, { cause });
    });
  }

  /** Steps that were started here more than once. */
  repeated(): string[] {
    const steps = this.#entered.items.map(({ runId, step }) => `${runId}:${step}`);
    return steps.filter((step, index) => steps.indexOf(step) !== index);
  }

  async #close(): Promise<void> {
    this.openGate();
    await this.executor.close();
    await this.knex.destroy();
  }
}

function errorOf({ data }: LogLine): string {
  return `${String(data['error_code'])}: ${String(data['error_message'])}`;
}
