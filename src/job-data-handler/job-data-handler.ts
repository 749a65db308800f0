import { ExecutionTimeExceededError, LeaseLostError } from '../errors/index.js';
import type { JobDataHandler } from '../jobs/job.js';
import { monotonicMs } from '../program/monotonic-clock.js';
import type { JobData, ProgramData } from './program-data.js';

/** The data handler of one execution of one job; `close` ends it together with the execution. */
export class JobDataAccess implements JobDataHandler {
  readonly #data: ProgramData;
  readonly #runId: string;
  readonly #job: string;
  readonly #startedAtMs: number;
  #isOpen = true;

  /**
   * @param runId named in the error of writes that come after the execution's end
   * @param startedAtMs when the execution began, by the monotonic clock
   */
  constructor(data: ProgramData, runId: string, job: string, startedAtMs: number) {
    this.#data = data;
    this.#runId = runId;
    this.#job = job;
    this.#startedAtMs = startedAtMs;
  }

  get(): Promise<JobData> {
    return Promise.resolve(this.current());
  }

  /** A copy of the job's data as it is now. */
  current(): JobData {
    return this.#data.get(this.#job);
  }

  async set(replacement: JobData): Promise<void> {
    this.#assertOpen();
    await this.#data.replace(this.#job, replacement);
  }

  async merge(partial: object): Promise<void> {
    this.#assertOpen();
    await this.#data.merge(this.#job, partial);
  }

  async checkpoint(partial: object, maxExecutionTimeMs?: number | null): Promise<void> {
    await this.merge(partial);
    if (maxExecutionTimeMs && monotonicMs() - this.#startedAtMs > maxExecutionTimeMs)
      throw new ExecutionTimeExceededError(maxExecutionTimeMs);
  }

  close(): void {
    this.#isOpen = false;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new LeaseLostError(this.#runId, `this execution of job ${this.#job} has ended`);
  }
}
