import { ProgramExecutorError } from '../errors/program-executor-error.js';
import type { Execute, Job } from './job.js';
import { policyProblem } from './job-policy.js';

/** Throws `PE_INVALID_JOB`, naming the entry, unless a worker can run this value as a job. */
export function validateJob(name: string, job: unknown): asserts job is Job {
  const problem = jobProblem(job);
  if (problem)
    throw new ProgramExecutorError('PE_INVALID_JOB', `Job ${name || '(without a name)'}: ${problem}`);
}

function jobProblem(job: unknown): string | undefined {
  if (!isObjectLike(job)) return `expected a class or the result of defineJob, got ${kindOf(job)}`;
  if (!isJob(job)) return 'expected a static create(programData) in a class, or an execute function';
  return policyProblem(job) ?? inputProblem(job);
}

/** Throws `PE_INVALID_JOB` unless what the `create` of a class gave can be run: it may have forgotten to return it. */
export function assertExecutable(name: string, created: unknown): asserts created is { execute: Execute } {
  if (isObjectLike(created) && typeof created['execute'] === 'function') return;
  throw new ProgramExecutorError(
    'PE_INVALID_JOB',
    `Job ${name}: expected its static create to return an object with an execute function, got ${kindOf(created)}`,
  );
}

/** True for what has the shape of a job: `execute` of a defined one, or static `create` of a class. */
export function isJob(value: unknown): value is Job {
  return (
    isObjectLike(value) && (typeof value['execute'] === 'function' || typeof value['create'] === 'function')
  );
}

function inputProblem(job: Record<string, unknown>): string | undefined {
  const input = job['input'];
  if (input === undefined || typeof job['execute'] !== 'function') return undefined;
  const standard = isObjectLike(input) ? input['~standard'] : undefined;
  const validates = isObjectLike(standard) && typeof standard['validate'] === 'function';
  return validates ? undefined : 'input must be a Standard Schema (zod, valibot, arktype …)';
}

function isObjectLike(value: unknown): value is Record<string, unknown> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
