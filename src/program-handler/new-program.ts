import { InvalidProgramError, PayloadTooLargeError } from '../errors/index.js';
import type { CreateOptions, ProgramInput } from '../jobs/job.js';
import { checkKeys } from './create-options.js';
import type { NewProgram } from './dialects/dialect.js';
import { newRunId } from './new-run-id.js';
import { startOf } from './start-time.js';
import { LINED_FIELDS, linedPartOf, type LinedPart } from './lined-input.js';
import { nameOf, pathOf, payloadJson, type PayloadLimits } from '../program/json-payload.js';
import { isName, isIdentifier, MAX_NAME_LENGTH } from '../program/names.js';

const FIELDS = new Set(['jobs', 'programData', 'jobData', 'jobsData', 'idempotencyKey', ...LINED_FIELDS]);

/** A program that is to be inserted, as far as its line is not known yet. */
export type PreparedProgram = NewProgram & Partial<LinedPart> & { readonly idempotencyKey?: string };

/** Who tells workers of new programs: a hint for each, or nobody, so that the poll is to find them at once. */
export type Announcement = 'hints' | 'none';

/**
 * Checks everything a caller gave, before anything is written.
 * @throws InvalidProgramError, PayloadTooLargeError naming the field
 */
export function newProgram(
  input: ProgramInput,
  options: CreateOptions,
  announcement: Announcement,
  limits: PayloadLimits,
  batchId: number | null = null,
): PreparedProgram {
  checkShape(input);
  const jobs = jobsJson(input.jobs, limits);
  const start = startOf(options, Date.now());
  return {
    runId: options.runId ?? newRunId(),
    isEmpty: jobs === '[]',
    jobs,
    programData: payloadJson('programData', input.programData ?? {}, limits),
    jobData: jobDataJson(input, limits),
    ...start,
    fence: announcement === 'hints' && start.delayMs === 0 ? 0 : 1,
    ...linedPartOf(input, batchId, limits),
    ...keyOf(input),
  };
}

/** A key ends like a `runId`: MySQL would compare it without the spaces there. */
function keyOf({ idempotencyKey }: ProgramInput): { idempotencyKey?: string } {
  if (idempotencyKey === undefined) return {};
  if (isIdentifier(idempotencyKey)) return { idempotencyKey };
  throw new InvalidProgramError(
    'idempotencyKey',
    `expected a text of 1 to ${MAX_NAME_LENGTH} characters, without NUL and not ending in a space`,
  );
}

function checkShape(input: unknown): void {
  if (input === null || typeof input !== 'object' || Array.isArray(input))
    throw new InvalidProgramError('program', `expected { jobs, programData, jobData }, got ${nameOf(input)}`);
  checkKeys(input, FIELDS, 'field; a program has');
}

/** Reads each name once, also of a sparse array, and writes just what was read. */
function jobsJson(jobs: unknown, { maxBytes }: PayloadLimits): string {
  if (!Array.isArray(jobs))
    throw new InvalidProgramError('jobs', `expected an array of job names, got ${nameOf(jobs)}`);
  const names: string[] = [];
  for (let index = 0; index < jobs.length; index += 1) names.push(jobName(jobs[index], index));
  const json = JSON.stringify(names);
  const bytes = Buffer.byteLength(json);
  if (bytes > maxBytes) throw new PayloadTooLargeError('jobs', bytes, maxBytes);
  return json;
}

function jobName(name: unknown, index: number): string {
  if (isName(name)) return name;
  const field = `jobs[${index}]`;
  throw new InvalidProgramError(field, `expected a text of 1 to ${MAX_NAME_LENGTH} characters, without NUL`);
}

function jobDataJson({ jobData, jobsData }: ProgramInput, limits: PayloadLimits): string {
  if (jobData !== undefined && jobsData !== undefined)
    throw new InvalidProgramError('jobsData', 'is another name of jobData; give one of them');
  const field = jobsData === undefined ? 'jobData' : 'jobsData';
  const data = jobData ?? jobsData ?? {};
  const json = payloadJson(field, data, limits);
  checkDataOfJobs(field, data);
  // A Date, for one, is an object, but what is written of it is none.
  if (json !== '{}') checkDataOfJobs(field, JSON.parse(json) as object);
  return json;
}

function checkDataOfJobs(field: string, data: object): void {
  const wrong = Object.entries(data).find(([, value]) => value !== undefined && nameOf(value) !== 'object');
  if (wrong)
    throw new InvalidProgramError(pathOf(field, [wrong[0]]), `expected an object, got ${nameOf(wrong[1])}`);
}
