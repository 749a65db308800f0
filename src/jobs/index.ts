export { defineJob } from './define-job.js';
export { InvalidJobInputError } from './invalid-job-input-error.js';
export type * from './job.js';
export { findJob, knownJobs, validateLibrary } from './library.js';
export { loadJobs } from './load-jobs.js';
export type { InputOf, JobDataOf, JobNameOf, ProgramOf, ResultOf } from './typed.js';
export { inputSchemaOf, validateInput } from './validate-input.js';
export { assertExecutable } from './validate-job.js';
