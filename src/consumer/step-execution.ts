import { LeaseLostError } from '../errors/index.js';
import type { Job, JobContext } from '../jobs/index.js';
import { JobDataAccess, type ProgramData } from '../job-data-handler/index.js';
import { goesOn } from '../program/continuation.js';
import type { Decision } from '../program/decide.js';
import { monotonicMs } from '../program/monotonic-clock.js';
import type { Outcome } from '../program/outcome.js';
import type { ClaimedProgram } from '../program/program.js';
import type { Transition } from '../program/transition.js';
import type { StepEnvironment } from './environment.js';
import { createJobCall } from './job-call.js';
import type { ContextParts } from './job-context.js';
import { JobExecution, type Interruption } from './job-execution.js';
import { jobOf, reportStart } from './reporting.js';
import { toResultJson } from './result-json.js';
import { StepTransaction } from './step-transaction.js';

/** How a step went: its end, when it was recorded already, and for how long it ran. */
export interface StepEnd {
  readonly outcome: Outcome;
  readonly recorded?: Decision;
  readonly durationMs: number;
}

/** What of its run a step works on. */
export interface StepParts {
  readonly program: ClaimedProgram;
  /** Of earlier jobs, by name. */
  readonly results: ContextParts['results'];
  readonly data: ProgramData;
  readonly environment: StepEnvironment;
  /** How this end would be written. */
  plan(end: StepEnd): { decision: Decision; change: Transition };
}

/** One attempt at one step: its job, with the data and the transaction that the job was given. */
export class StepExecution {
  readonly #parts: StepParts;
  readonly #startedAtMs = monotonicMs();
  readonly #dataAccess: JobDataAccess;
  readonly #execution: JobExecution;
  /** Made when the job asks for it. */
  #transaction: StepTransaction | undefined;
  #isOver = false;

  constructor(job: Job, parts: StepParts) {
    const { program, results, data, environment } = parts;
    this.#parts = parts;
    this.#dataAccess = new JobDataAccess(data, program.runId, jobOf(program), this.#startedAtMs);
    const transaction: JobContext['transaction'] = (work) => this.#openTransaction().run(work);
    const call = createJobCall(job, program, results, this.#dataAccess, transaction, environment);
    this.#execution = new JobExecution(call, environment.logger);
  }

  interrupt(reason: Interruption): void {
    this.#execution.interrupt(reason);
  }

  /** Whether the transaction of its job has committed that the program belongs to this run no longer. */
  get hasLeft(): boolean {
    const committed = this.#transaction?.committed;
    return committed !== undefined && !goesOn(committed.decision);
  }

  /** Never rejects. */
  async run(): Promise<StepEnd | 'abandoned'> {
    const { program, data, environment } = this.#parts;
    reportStart(program, environment);
    const end = await this.#execution.run();
    this.#isOver = true;
    this.#dataAccess.close();
    await data.settled();
    const durationMs = this.#durationMs();
    const committed = this.#transaction?.committed;
    if (!committed) return end === 'abandoned' ? end : { outcome: end, durationMs };
    const outcome: Outcome = { kind: 'succeeded', result: committed.result };
    return { outcome, recorded: committed.decision, durationMs };
  }

  #durationMs(): number {
    return monotonicMs() - this.#startedAtMs;
  }

  /** @throws LeaseLostError when the job did not wait for its transaction: the program may be a step further by now */
  #plan(result: string | null): ReturnType<StepParts['plan']> {
    const { program, plan } = this.#parts;
    if (this.#isOver)
      throw new LeaseLostError(program.runId, `this execution of job ${jobOf(program)} has ended`);
    return plan({ outcome: { kind: 'succeeded', result }, durationMs: this.#durationMs() });
  }

  #openTransaction(): StepTransaction {
    const { program, environment } = this.#parts;
    this.#transaction ??= new StepTransaction(
      environment.programs,
      program.runId,
      (result) => this.#plan(result),
      (value) => toResultJson(value, jobOf(program), environment.logger),
    );
    return this.#transaction;
  }
}
