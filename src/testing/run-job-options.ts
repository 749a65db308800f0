import type { Knex } from 'knex';
import { anObject, checkSettings, wholeNumber, withDefaults, type Check } from '../config/checks.js';
import { checkConfig } from '../config/index.js';
import { ConfigError } from '../errors/index.js';
import type { InputOf, Job, JsonObject } from '../jobs/index.js';
import { validateJob } from '../jobs/validate-job.js';
import { payloadJson, type PayloadLimits } from '../program/json-payload.js';
import { sqlTermsOf } from '../program-handler/dialects/sql-terms.js';
import type { Logger } from '../telemetry/logger.js';

/** What `runJob` gives to the job; everything has a default. */
export interface RunJobOptions<J extends Job = Job> {
  /** Default `{}`. */
  programData?: JsonObject;
  /** The job's own data, which its `input` schema checks; default `{}`. */
  jobData?: InputOf<J>;
  /** What earlier jobs returned, by job name; default `{}`. */
  results?: Readonly<Record<string, unknown>>;
  /** From 1, which is the default. */
  attempt?: number;
  /** Default 'run-job'. */
  runId?: string;
  /** The jobs of the program that come after this one; default none. */
  laterJobs?: readonly string[];
  /** What `context.transaction` begins its transaction on: a connected knex or, to roll back, a transaction. */
  knex?: Knex;
  /** Aborting it does to the job what a stopping worker does. */
  stop?: AbortSignal;
  /** Default: one that is silent. */
  logger?: Logger;
}

type Payloads = Readonly<Record<'programData' | 'jobData', Record<string, unknown>>>;

export type CheckedRunJob = Required<Omit<RunJobOptions, 'knex' | 'stop' | keyof Payloads>> &
  Pick<RunJobOptions, 'knex' | 'stop'> &
  Payloads;

/** As an executor has it by default. */
export const PAYLOAD_LIMITS: PayloadLimits = {
  maxBytes: checkConfig({}).maxPayloadBytes,
  maxDepth: sqlTermsOf('sqlite3').maxJsonDepth,
};

const SILENT: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  isEnabled: () => false,
};

const isText = (value: unknown) => typeof value === 'string' && value !== '';
const [, isObject] = anObject;

const CHECKS: Readonly<Record<keyof RunJobOptions, Check>> = {
  programData: anObject,
  jobData: ["an object, the job's own data: not by job name", isObject],
  results: anObject,
  attempt: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  runId: ['a text that is not empty', isText],
  laterJobs: ['an array of job names', (value) => Array.isArray(value) && value.every(isText)],
  knex: ['a connected knex or a transaction', (value) => typeof value === 'function'],
  stop: ['an AbortSignal', (value) => value instanceof AbortSignal],
  logger: ['a logger with debug, info, warn and error', isObject],
};

/** @throws ConfigError, InvalidProgramError, PayloadTooLargeError, ProgramExecutorError PE_INVALID_JOB */
export function checkRunJob(job: Job, options: RunJobOptions): CheckedRunJob {
  validateJob('given to runJob', job);
  if (!isText(job.name)) throw new ConfigError('job', 'expected a class with a name, or a static name');
  if (!isObject(options)) throw new ConfigError('options', 'expected an object');
  checkSettings(options, CHECKS, 'options.');
  const { programData, jobData, ...others } = options as Omit<RunJobOptions, 'jobData'> & {
    jobData?: unknown;
  };
  const defaults = { runId: 'run-job', attempt: 1, results: {}, laterJobs: [], logger: SILENT };
  return {
    ...withDefaults<Omit<CheckedRunJob, keyof Payloads>>(defaults, others),
    programData: throughJson('programData', programData),
    jobData: throughJson(`jobData.${job.name}`, jobData),
  };
}

/** As the job will see it when it comes from the database. */
function throughJson(field: string, value: unknown = {}): Record<string, unknown> {
  return JSON.parse(payloadJson(field, value, PAYLOAD_LIMITS)) as Record<string, unknown>;
}
