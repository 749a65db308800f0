import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Knex } from 'knex';
import type { RetrySetting } from '../program/effective-policy.js';
import type { CompletionCallback } from '../program/program-options.js';
import type { Logger } from '../telemetry/logger.js';

/** Any value that survives `JSON.stringify` and `JSON.parse`. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/** An object whose fields are JSON; interfaces fit as well as literals. */
export type JsonObject = object;

/** What a job is called with: the program it belongs to, `jobs[0]` being the job itself. */
export interface JobMessage<ProgramData = Record<string, unknown>> {
  readonly runId: string;
  readonly programData: ProgramData;
  /** The current job's name and those still to come. */
  readonly jobs: readonly string[];
}

/** One job's own data in one run: kept at once, across retries, crashes and workers. */
export interface JobDataHandler<Data extends JsonObject = Record<string, unknown>> {
  /** This job's data; `{}` when there is none. A copy: changing it changes nothing until `set`. */
  get(): Promise<Data>;
  /** Replaces this job's data. */
  set(data: Data): Promise<void>;
  /** Merges into this job's data, one level deep. Parallel merges are all kept. */
  merge(partial: Partial<Data>): Promise<void>;
  /**
   * Merges, then, when the execution has run for longer than `maxExecutionTimeMs`, throws an
   * `ExecutionTimeExceededError`: the program yields and the job runs again at once, without a retry
   * being counted. 0 or nothing: no limit.
   */
  checkpoint(partial: Partial<Data>, maxExecutionTimeMs?: number | null): Promise<void>;
}

/** What a running job can reach beside its message and its data. */
export interface JobContext<Input = unknown> {
  /** Aborted on timeout, shutdown, cancellation and a lost lease; its reason says which. */
  readonly signal: AbortSignal;
  /** From 1; grows with each counted retry of this job in this program. */
  readonly attempt: number;
  /**
   * When the attempt is to be done: its start plus the job's `timeoutMs`, at which it is aborted, or its batch's
   * `jobTimeoutMs`, after which its failure interrupts the batch; the sooner one. By this process's clock.
   */
  readonly deadline: Date | undefined;
  /** The job's index in the program. */
  readonly step: number;
  /** Grows with every claim of the program: a token for fencing writes to other systems. */
  readonly fence: number;
  /** `runId:step`, the same for every attempt of this step. */
  readonly idempotencyKey: string;
  readonly logger: Logger;
  /** What earlier jobs of this program returned, by job name. */
  readonly results: Readonly<Record<string, unknown>>;
  /** The job's data as validated by its `input` schema; the data as it is where there is none. */
  readonly input: Input;
  /**
   * Runs `work` in a database transaction that also completes this step: both are committed or neither.
   * What `work` returns becomes the job's result; end the job after it. Rejects, with everything rolled
   * back, when `work` rejects or the program no longer belongs to this run.
   * Inside it use `trx` for every query, and do not write this job's data.
   */
  transaction<T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
  /**
   * Ends this attempt, uncounted, since a service takes no more for so many milliseconds: nothing else of this
   * program's pool, or key, starts before. Throws a `RateLimitedError`, which is the same.
   */
  rateLimited(retryAfterMs: number): never;
  /** Creates another program, as `executor.createProgram` does. */
  createProgram(program: ProgramInput, options?: CreateOptions): Promise<string>;
}

/** A program as it is created. */
export interface ProgramInput {
  /** Names of jobs, run strictly in this order; the same name may appear again. */
  jobs: readonly string[];
  /** Common to all jobs of the program; default `{}`. */
  programData?: JsonObject;
  /** Initial data of single jobs, by job name; default `{}`. */
  jobData?: Readonly<Record<string, JsonObject | undefined>>;
  /** The same as `jobData`, under the name the older library's README uses. Both at once is an error. */
  jobsData?: Readonly<Record<string, JsonObject | undefined>>;
  /**
   * The pool whose limits it keeps, over all workers, in those jobs that name none of their own. A pool that
   * nobody has set has no limits.
   */
  pool?: string;
  /** Whose it is, a tenant say: the limits by key of its pool count for each key, and keys take turns. */
  concurrencyKey?: string;
  /** From 0, the default and that of programs without any of these fields, to 1,000: higher ones start first. */
  priority?: number;
  /** What its jobs, the worker and the executor say about retries does not count. */
  retry?: RetrySetting;
  /** A program of this one job is created together with the end of this one, however it ends. */
  onComplete?: CompletionCallback;
  /** Not started after this moment, a Date or epoch milliseconds: it ends errored then, and says so. */
  expiresAt?: Date | number;
  /**
   * 1 to 255 characters, not ending in a space. While a program of this key is there, creating it again creates
   * nothing and gives its `runId`; with other jobs, data or fields it is an error.
   */
  idempotencyKey?: string;
}

export interface CreateOptions {
  /** Insert within this transaction; workers see the program when it is committed. */
  trx?: Knex.Transaction;
  /** The program's id, 1 to 255 characters, not ending in a space; default a new UUID v7. An id that exists is left as it is. */
  runId?: string;
  /** Not started before this moment: a Date or epoch milliseconds. */
  runAt?: Date | number;
  /** Not started before this many milliseconds have passed. */
  runAfter?: number;
}

/** What `execute` of a job looks like, in a class and in `defineJob` alike. */
export type Execute<Data extends JsonObject = any, Result = unknown, ProgramData = any> = (
  message: JobMessage<ProgramData>,
  jobDataHandler: JobDataHandler<Data>,
  context: JobContext<Data>,
) => Promise<Result> | Result;

/** How a job may be repeated, and for how long one attempt may run. */
export interface JobPolicy {
  /** Default: as the worker says; where that says nothing, retryable errors only, without limit, 1 s doubling to 5 min. */
  retry?: RetrySetting;
  /** The pool whose limits it keeps while it runs, instead of that of its program. */
  pool?: string;
  /** Aborts `context.signal` after this many milliseconds; the attempt is then retried. Default: none. */
  timeoutMs?: number;
}

/** A job written as a class, as in the older library. `name` is the class's own name or a static field. */
export interface JobClass extends JobPolicy {
  readonly name: string;
  create(programData: any): { execute: Execute } | Promise<{ execute: Execute }>;
}

/** A job made by `defineJob`. */
export interface DefinedJob<
  Name extends string = string,
  Data extends JsonObject = any,
  Result = unknown,
> extends JobPolicy {
  readonly name: Name;
  /** Validates the job's data before each attempt. */
  readonly input?: StandardSchemaV1<any, Data>;
  readonly execute: Execute<Data, Result>;
}

export type Job = JobClass | DefinedJob;

/** The jobs a worker knows, by the name that programs use. */
export type JobLibrary = Readonly<Record<string, Job>>;
