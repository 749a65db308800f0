/** Types that carry the job names of a library, with the shape of each job's data, to `createProgram`. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { DefinedJob, Job, JobLibrary, JsonObject, ProgramInput } from './job.js';

/** The names a program of this library may use. */
export type JobNameOf<Library extends JobLibrary> = keyof Library & string;

/**
 * What may be given as a job's data when a program is created: what the job's `input` schema accepts,
 * else the data type of its handler, else (a class) any object.
 */
export type InputOf<J extends Job> = J extends { readonly input: infer Schema extends StandardSchemaV1 }
  ? Extract<StandardSchemaV1.InferInput<Schema>, JsonObject>
  : J extends DefinedJob<string, infer Data>
    ? Unless<IsAny<Data>, Data>
    : JsonObject;

/** What a job returns: its result, as later jobs read it in `context.results`. */
export type ResultOf<J extends Job> = J extends { execute(...args: never[]): infer Result }
  ? Awaited<Result>
  : unknown;

/** Initial data of single jobs of a library, by job name. */
export type JobDataOf<Library extends JobLibrary> = {
  readonly [Name in JobNameOf<Library>]?: InputOf<Library[Name]>;
};

/** A program of a library: its job names are known, and so is the shape of each job's data. */
export interface ProgramOf<Library extends JobLibrary> extends Omit<
  ProgramInput,
  'jobs' | 'jobData' | 'jobsData'
> {
  /** Names of jobs, run strictly in this order; the same name may appear again. */
  jobs: readonly JobNameOf<Library>[];
  /** Initial data of single jobs, by job name; default `{}`. */
  jobData?: JobDataOf<Library>;
  /** The same as `jobData`, under the name the older library's README uses. Both at once is an error. */
  jobsData?: JobDataOf<Library>;
}

type IsAny<T> = 0 extends 1 & T ? true : false;
type Unless<Condition extends boolean, T extends JsonObject> = Condition extends true ? JsonObject : T;
