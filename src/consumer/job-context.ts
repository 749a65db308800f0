import type { JobContext } from '../jobs/index.js';

/** What a context is made of, beside what its execution adds. */
export type ContextParts = Omit<JobContext, 'input' | 'signal' | 'results'> & {
  /** Called when the job asks for them: they are copied for each job, and many never ask. */
  readonly results: () => JobContext['results'];
};

/** What a job can reach beside its message and its data. */
export class ExecutionContext implements JobContext {
  readonly attempt: number;
  readonly deadline: Date | undefined;
  readonly step: number;
  readonly fence: number;
  readonly idempotencyKey: string;
  readonly logger: JobContext['logger'];
  readonly transaction: JobContext['transaction'];
  readonly createProgram: JobContext['createProgram'];
  readonly rateLimited: JobContext['rateLimited'];
  readonly input: unknown;
  declare readonly results: JobContext['results'];
  declare readonly signal: AbortSignal;
  readonly #copyResults: ContextParts['results'];
  readonly #signal: () => AbortSignal;
  #results: JobContext['results'] | undefined;

  /** @param signal called when the job asks for its signal: most never do, and making one is dear */
  constructor(parts: ContextParts, input: unknown, signal: () => AbortSignal) {
    this.attempt = parts.attempt;
    this.deadline = parts.deadline;
    this.step = parts.step;
    this.fence = parts.fence;
    this.idempotencyKey = parts.idempotencyKey;
    this.logger = parts.logger;
    this.#copyResults = parts.results;
    this.transaction = parts.transaction;
    this.createProgram = parts.createProgram;
    this.rateLimited = parts.rateLimited;
    this.input = input;
    this.#signal = signal;
    // Properties of the context itself, so that a spread copy has them as well.
    Object.defineProperty(this, 'results', ExecutionContext.#RESULTS);
    Object.defineProperty(this, 'signal', ExecutionContext.#SIGNAL);
  }

  static readonly #RESULTS: PropertyDescriptor & ThisType<ExecutionContext> = {
    enumerable: true,
    get() {
      return (this.#results ??= this.#copyResults());
    },
  };

  static readonly #SIGNAL: PropertyDescriptor & ThisType<ExecutionContext> = {
    enumerable: true,
    get() {
      return this.#signal();
    },
  };
}
