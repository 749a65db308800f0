import { messageOf } from '../errors/error-record.js';
import { ProgramExecutorError } from '../errors/program-executor-error.js';
import { findJobFiles } from './find-job-files.js';
import { importModule } from './import-module.js';
import type { Job, JobLibrary } from './job.js';
import { jobsOfModule, type NamedJob } from './jobs-of-module.js';
import { validateJob } from './validate-job.js';

/**
 * Loads the jobs in a file, or in all files below a folder (.js, .mjs, .cjs; .ts and .mts where this
 * Node runs TypeScript). A file default-exports a job or a library of jobs; named exports that are jobs
 * count as well. Files of a folder without a job are passed over, as are hidden files and tests.
 *
 * @throws ProgramExecutorError `PE_DUPLICATE_JOB` naming both files; `PE_INVALID_JOB` for a file that
 *   cannot be read or run, a job that is none, or no job at all
 */
export async function loadJobs(path: string): Promise<JobLibrary> {
  const found = new Map<string, { job: Job; file: string }>();
  for (const file of await filesAt(path)) {
    for (const [name, job] of await jobsInFile(file)) addJob(found, name, job, file);
  }
  if (found.size === 0) throw invalid(`No job found in ${path}`);
  return Object.fromEntries([...found].map(([name, { job }]) => [name, job]));
}

function addJob(found: Map<string, { job: Job; file: string }>, name: string, job: Job, file: string): void {
  const earlier = found.get(name);
  // An index file may export again what another file made.
  if (earlier?.job === job) return;
  if (earlier) throw duplicate(name, earlier.file, file);
  found.set(name, { job, file });
}

async function filesAt(path: string): Promise<string[]> {
  try {
    return await findJobFiles(path);
  } catch (cause) {
    throw invalid(`Jobs cannot be read from ${path}: ${messageOf(cause)}`, cause);
  }
}

async function jobsInFile(file: string): Promise<NamedJob[]> {
  try {
    const jobs = jobsOfModule(await importModule(file));
    for (const [name, job] of jobs) validateNamedJob(name, job);
    return jobs;
  } catch (cause) {
    throw invalid(`${file}: ${messageOf(cause)}`, cause);
  }
}

function validateNamedJob(name: string, job: Job): void {
  if (name === '') throw invalid('a job needs a name: name the class, or give it a static name');
  validateJob(name, job);
}

function duplicate(name: string, first: string, second: string): ProgramExecutorError {
  return new ProgramExecutorError(
    'PE_DUPLICATE_JOB',
    `${name} job already exists, please choose a unique name! It is in ${first} and in ${second}`,
  );
}

function invalid(message: string, cause?: unknown): ProgramExecutorError {
  return new ProgramExecutorError('PE_INVALID_JOB', message, { cause });
}
