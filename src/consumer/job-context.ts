import type { JobContext } from '../jobs/index.js';

/** What a job can reach beside its message and its data. */
export class ExecutionContext implements JobContext {
  readonly attempt: number;
  readonly deadline: Date | undefined;
  readonly step: number;
  readonly fence: number;
  readonly idempotencyKey: string;
  readonly logger: JobContext['logger'];
  readonly results: JobContext['results'];
  readonly transaction: JobContext['transaction'];
  readonly createProgram: JobContext['createProgram'];
  readonly rateLimited: JobContext['rateLimited'];
  readonly input: unknown;
  declare readonly signal: AbortSignal;
  readonly #signal: () => AbortSignal;

  /** @param signal called when the job asks for its signal: most never do, and making one is dear */
  constructor(parts: Omit<JobContext, 'input' | 'signal'>, input: unknown, signal: () => AbortSignal) {
    this.attempt = parts.attempt;
    this.deadline = parts.deadline;
    this.step = parts.step;
    this.fence = parts.fence;
    this.idempotencyKey = parts.idempotencyKey;
    this.logger = parts.logger;
    this.results = parts.results;
    this.transaction = parts.transaction;
    this.createProgram = parts.createProgram;
    this.rateLimited = parts.rateLimited;
    this.input = input;
    this.#signal = signal;
    Object.defineProperty(this, 'signal', ExecutionContext.#SIGNAL);
  }

  /** A property of the context itself, so that a spread copy has it as well. */
  static readonly #SIGNAL: PropertyDescriptor & ThisType<ExecutionContext> = {
    enumerable: true,
    get() {
      return this.#signal();
    },
  };
}
