import { JobTimeoutError, WorkerStoppedError, type LeaseLostError } from '../errors/index.js';
import {
  inputSchemaOf,
  validateInput,
  type Job,
  type JobClass,
  type JobContext,
  type JobMessage,
} from '../jobs/index.js';
import type { JobDataAccess } from '../job-data-handler/index.js';
import { outcomeOfThrown, type Outcome } from '../program/outcome.js';
import type { Logger } from '../telemetry/logger.js';
import { ExecutionContext } from './job-context.js';
import { toResultJson } from './result-json.js';
import { within } from '../within.js';

/** Why a job is to end before it is done. */
export type Interruption = JobTimeoutError | WorkerStoppedError | LeaseLostError;

/** What the job is called with. */
export interface JobCall {
  readonly job: Job;
  readonly message: JobMessage;
  readonly data: JobDataAccess;
  readonly context: Omit<JobContext, 'input' | 'signal'>;
}

/** 'abandoned': the program belongs to this run no longer, so nothing is decided. */
export type ExecutionEnd = Outcome | 'abandoned';

/** A job that was interrupted gets this long to end by itself, in milliseconds. */
const ABORT_GRACE_MS = 5_000;
const STOP_GRACE_MS = 1_000;

/** One execution of one job: from its call to the one value that says how it ended. Never rejects. */
export class JobExecution {
  readonly #call: JobCall;
  readonly #logger: Logger;
  /** Made when the job asks for its signal: most never do, and one costs as much as all the rest. */
  #controller: AbortController | undefined;
  #interruption: Interruption | undefined;
  #onInterruption: (reason: Interruption) => void = () => undefined;

  constructor(call: JobCall, logger: Logger) {
    this.#call = call;
    this.#logger = logger;
  }

  /** As the program has it: what the job calls itself may be anything. */
  get #name(): string {
    return this.#call.message.jobs[0] ?? '';
  }

  /** Aborts the job's signal; only the first interruption counts. */
  interrupt(reason: Interruption): void {
    if (this.#interruption) return;
    this.#interruption = reason;
    this.#controller?.abort(reason);
    this.#onInterruption(reason);
  }

  async run(): Promise<ExecutionEnd> {
    const timer = this.#startTimer();
    const ended = this.#invoke();
    const end = await this.#endOrInterruption(ended);
    clearTimeout(timer);
    return isInterruption(end) ? this.#afterInterruption(end, ended) : end;
  }

  #endOrInterruption(ended: Promise<Outcome>): Promise<Outcome | Interruption> {
    return new Promise((resolve) => {
      this.#onInterruption = resolve;
      if (this.#interruption) resolve(this.#interruption);
      void ended.then(resolve);
    });
  }

  #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#interruption) this.#controller.abort(this.#interruption);
    }
    return this.#controller.signal;
  }

  #startTimer(): NodeJS.Timeout | undefined {
    const { timeoutMs } = this.#call.job;
    if (timeoutMs === undefined) return undefined;
    return setTimeout(() => this.interrupt(new JobTimeoutError(this.#name, timeoutMs)), timeoutMs);
  }

  async #invoke(): Promise<Outcome> {
    const { job, message, data } = this.#call;
    try {
      const input = inputSchemaOf(job) ? await validateInput(job, data.current()) : data.current();
      const context = new ExecutionContext(this.#call.context, input, () => this.#signal());
      const executable = isJobClass(job) ? await job.create(message.programData) : job;
      const value: unknown = await executable.execute(message, data, context);
      return { kind: 'succeeded', result: toResultJson(value, this.#name, this.#logger) };
    } catch (thrown) {
      return outcomeOfThrown(thrown);
    }
  }

  async #afterInterruption(reason: Interruption, ended: Promise<Outcome>): Promise<ExecutionEnd> {
    const isStop = reason instanceof WorkerStoppedError;
    const late = await within(isStop ? STOP_GRACE_MS : ABORT_GRACE_MS, ended);
    if (!late)
      this.#logger.error('job-stuck', {
        job: this.#name,
        run_id: this.#call.message.runId,
        reason: reason.code,
      });
    if (isStop) return late?.kind === 'succeeded' ? late : { kind: 'stopped' };
    return reason instanceof JobTimeoutError ? outcomeOfThrown(reason) : 'abandoned';
  }
}

function isJobClass(job: Job): job is JobClass {
  return typeof Reflect.get(job, 'create') === 'function';
}

function isInterruption(end: Outcome | Interruption): end is Interruption {
  return end instanceof Error;
}
