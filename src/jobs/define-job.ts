import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ProgramExecutorError } from '../errors/program-executor-error.js';
import type { DefinedJob, Execute, JobPolicy } from './job.js';
import { validateJob } from './validate-job.js';

interface Definition<Name extends string, Data extends object, Result> extends JobPolicy {
  /** The name that programs use; unique in a library. */
  name: Name;
  /** Runs one attempt. What it returns is kept as the job's result, up to 256 KiB of JSON. */
  execute: Execute<Data, Result>;
}

interface WithInput<Schema extends StandardSchemaV1> {
  /** Any Standard Schema (zod, valibot, …); validates the job's data before each attempt. */
  input: Schema;
}

/** Every one that a job may have. */
const FIELDS: Readonly<Record<keyof DefinedJob, true>> = {
  name: true,
  execute: true,
  input: true,
  retry: true,
  pool: true,
  timeoutMs: true,
};
const FIELD_NAMES = Object.keys(FIELDS).join(', ');

/** The data a schema lets through: what `context.input` and the data handler are typed by. */
type OutputOf<Schema extends StandardSchemaV1> = Extract<StandardSchemaV1.InferOutput<Schema>, object>;

/**
 * Makes a job from plain functions. The `input` schema types `context.input` and the job's data;
 * the name and the type of the result stay visible to typed libraries.
 * @throws ProgramExecutorError `PE_INVALID_JOB` for a wrong name, function, schema, retry policy, pool or timeout, and
 * for a field that a job has not
 */
export function defineJob<const Name extends string, Schema extends StandardSchemaV1, Result>(
  definition: Definition<Name, OutputOf<Schema>, Result> & WithInput<Schema>,
): Omit<DefinedJob<Name, OutputOf<Schema>, Result>, 'input'> & WithInput<Schema>;
export function defineJob<const Name extends string, Result, Data extends object = Record<string, unknown>>(
  definition: Definition<Name, Data, Result> & { input?: never },
): DefinedJob<Name, Data, Result>;
export function defineJob(definition: DefinedJob): DefinedJob {
  assertObject(definition);
  const { name } = definition;
  if (typeof name !== 'string' || name === '')
    throw invalid('defineJob: name must be a text that is not empty');
  if (typeof definition.execute !== 'function') throw invalid(`Job ${name}: execute must be a function`);
  const unknown = Object.keys(definition).find((key) => !Object.hasOwn(FIELDS, key));
  // One that is misspelt, a timeout say, would be ignored in silence.
  if (unknown !== undefined)
    throw invalid(`Job ${name}: ${unknown}: unknown field; a job has ${FIELD_NAMES}`);
  validateJob(name, definition);
  return Object.freeze({ ...definition });
}

function assertObject(definition: unknown): void {
  if (typeof definition !== 'object' || definition === null)
    throw invalid(`defineJob: expected { ${FIELD_NAMES} }`);
}

const invalid = (message: string) => new ProgramExecutorError('PE_INVALID_JOB', message);
