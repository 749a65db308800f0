import { JobTimeoutError, WorkerStoppedError, type LeaseLostError } from '../errors/index.js';
import {
  assertExecutable,
  inputSchemaOf,
  validateInput,
  type Job,
  type JobClass,
  type JobMessage,
} from '../jobs/index.js';
import type { JobDataAccess } from '../job-data-handler/index.js';
import { outcomeOfThrown, type Outcome } from '../program/outcome.js';
import type { Logger } from '../telemetry/logger.js';
import { ExecutionContext, type ContextParts } from './job-context.js';
import { toResultJson } from './result-json.js';

/** Why a job is to end before it is done. */
export type Interruption = JobTimeoutError | WorkerStoppedError | LeaseLostError;

/** What the job is called with. */
export interface JobCall {
  readonly job: Job;
  readonly message: JobMessage;
  readonly data: JobDataAccess;
  readonly context: ContextParts;
}

/** 'abandoned': the program belongs to this run no longer, so nothing is decided. */
export type ExecutionEnd = Outcome | 'abandoned';

/** A job that was interrupted gets this long to end by itself, in milliseconds. */
const ABORT_GRACE_MS = 5_000;
const STOP_GRACE_MS = 1_000;

/** One execution of one job: from its call to the one value that says how it ended. */
export class JobExecution {
  readonly #call: JobCall;
  readonly #logger: Logger;
  /** Made when the job asks for its signal: most never do, and one costs as much as all the rest. */
  #controller: AbortController | undefined;
  #interruption: Interruption | undefined;
  /** Of the job's time limit; then of the grace that it has when it is interrupted. */
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #resolve: (end: ExecutionEnd) => void = () => undefined;

  constructor(call: JobCall, logger: Logger) {
    this.#call = call;
    this.#logger = logger;
  }

  /** As the program has it: what the job calls itself may be anything. */
  get #name(): string {
    return this.#call.message.jobs[0] ?? '';
  }

  /** Aborts the job's signal; only the first interruption counts, but a worker that stops waits for none for longer. */
  interrupt(reason: Interruption): void {
    const first = (this.#interruption ??= reason);
    if (first === reason) this.#controller?.abort(reason);
    else if (!(reason instanceof WorkerStoppedError)) return;
    if (!this.#isOver) this.#setTimer(graceMsOf(reason), () => this.#giveUp(first));
  }

  /** Never rejects. */
  run(): Promise<ExecutionEnd> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      const { timeoutMs } = this.#call.job;
      if (timeoutMs !== undefined && !this.#interruption)
        this.#setTimer(timeoutMs, () => this.interrupt(new JobTimeoutError(this.#name, timeoutMs)));
      void this.#invoke();
    });
  }

  #signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#interruption) this.#controller.abort(this.#interruption);
    }
    return this.#controller.signal;
  }

  #setTimer(ms: number, callback: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(callback, ms);
  }

  async #invoke(): Promise<void> {
    const { job, message, data } = this.#call;
    try {
      const input = inputSchemaOf(job) ? await validateInput(job, data.current()) : data.current();
      const context = new ExecutionContext(this.#call.context, input, () => this.#signal());
      const executable = isJobClass(job) ? await job.create(message.programData) : job;
      assertExecutable(this.#name, executable);
      const value: unknown = await executable.execute(message, data, context);
      this.#end({ kind: 'succeeded', result: toResultJson(value, this.#name, this.#logger) });
    } catch (thrown) {
      this.#end(outcomeOfThrown(thrown));
    }
  }

  #end(outcome: Outcome): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#resolve(this.#interruption ? endOfInterrupted(this.#interruption, outcome) : outcome);
  }

  /** It did not end in its grace. What becomes of it is nobody's affair any more. */
  #giveUp(reason: Interruption): void {
    const { runId } = this.#call.message;
    this.#isOver = true;
    this.#logger.error('job-stuck', { job: this.#name, run_id: runId, reason: reason.code });
    this.#resolve(endOfInterrupted(reason, undefined));
  }
}

function graceMsOf(reason: Interruption): number {
  return reason instanceof WorkerStoppedError ? STOP_GRACE_MS : ABORT_GRACE_MS;
}

/** @param late how the job ended all the same; undefined: not in its grace */
function endOfInterrupted(reason: Interruption, late: Outcome | undefined): ExecutionEnd {
  if (reason instanceof WorkerStoppedError) return late?.kind === 'succeeded' ? late : { kind: 'stopped' };
  return reason instanceof JobTimeoutError ? outcomeOfThrown(reason) : 'abandoned';
}

function isJobClass(job: Job): job is JobClass {
  return typeof Reflect.get(job, 'create') === 'function';
}
