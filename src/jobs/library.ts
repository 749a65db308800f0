import { ProgramExecutorError } from '../errors/program-executor-error.js';
import type { Job, JobLibrary } from './job.js';
import { validateJob } from './validate-job.js';

/** The job of this name; only own entries count, so that `constructor` or `__proto__` name no job. */
export function findJob(library: JobLibrary, name: string): Job | undefined {
  return Object.hasOwn(library, name) ? library[name] : undefined;
}

/** The names a library knows, sorted, as error messages list them. */
export function knownJobs(library: JobLibrary): string[] {
  return Object.keys(library).sort();
}

/** Throws `PE_INVALID_JOB`, naming the entry, unless every entry can be run as a job. */
export function validateLibrary(library: unknown): asserts library is JobLibrary {
  // The entries of a list or a map have no names that are its own keys.
  if (typeof library !== 'object' || library === null || Array.isArray(library) || library instanceof Map)
    throw new ProgramExecutorError(
      'PE_INVALID_JOB',
      'The job library must be an object of jobs by their names',
    );
  for (const [name, job] of Object.entries(library)) validateJob(name, job);
}
