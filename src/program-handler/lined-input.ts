import { InvalidProgramError, PayloadTooLargeError } from '../errors/index.js';
import type { ProgramInput } from '../jobs/job.js';
import { nameOf, payloadJson, pathOf, type PayloadLimits } from '../program/json-payload.js';
import type { LineOwner } from '../program/line.js';
import { isIdentifier, isName, MAX_NAME_LENGTH } from '../program/names.js';
import type { CompletionCallback, ProgramOptions } from '../program/program-options.js';
import { retryProblem } from '../program/retry-problem.js';

export const LINED_FIELDS = [
  'pool',
  'concurrencyKey',
  'priority',
  'retry',
  'onComplete',
  'expiresAt',
] as const;

const CALLBACK_FIELDS: ReadonlySet<string> = new Set(['job', 'context', 'onComplete']);

const MAX_PRIORITY = 1_000;
/** A callback of a callback of …, so many deep. */
const MAX_CALLBACKS = 10;
const MAX_MS = 8.64e15;

/** What makes a program wait in a line; undefined when nothing does. */
export interface LinedPart {
  readonly owner: LineOwner;
  readonly options: ProgramOptions;
}

/** @throws InvalidProgramError, PayloadTooLargeError naming the field */
export function linedPartOf(
  input: ProgramInput,
  batchId: number | null,
  limits: PayloadLimits,
): LinedPart | undefined {
  const isPlain = batchId === null && LINED_FIELDS.every((field) => input[field] === undefined);
  if (isPlain) return undefined;
  const { pool, concurrencyKey, priority } = input;
  if (pool !== undefined) checkIdentifier('pool', pool);
  if (concurrencyKey !== undefined) checkIdentifier('concurrencyKey', concurrencyKey);
  if (priority !== undefined) checkPriority(priority);
  return {
    owner: { pool: pool ?? '', batchId, key: concurrencyKey ?? '', priority: priority ?? 0 },
    options: optionsOf(input, limits),
  };
}

function optionsOf(
  { pool, retry, onComplete, expiresAt }: ProgramInput,
  limits: PayloadLimits,
): ProgramOptions {
  const problem = retryProblem(retry);
  if (problem) throw new InvalidProgramError(problem.key, problem.problem);
  return {
    ...(pool === undefined ? {} : { pool }),
    ...(retry === undefined ? {} : { retry }),
    ...(onComplete === undefined ? {} : { onComplete: checkCallback('onComplete', onComplete, limits) }),
    ...(expiresAt === undefined ? {} : { expiresAt: momentOf('expiresAt', expiresAt) }),
  };
}

function checkName(field: string, value: unknown): void {
  if (isName(value)) return;
  throw new InvalidProgramError(field, `expected a text of 1 to ${MAX_NAME_LENGTH} characters, without NUL`);
}

function checkIdentifier(field: string, value: unknown): void {
  if (isIdentifier(value)) return;
  throw new InvalidProgramError(
    field,
    `expected a text of 1 to ${MAX_NAME_LENGTH} characters, without NUL and not ending in a space`,
  );
}

function checkPriority(priority: unknown): void {
  if (typeof priority === 'number' && Number.isInteger(priority) && priority >= 0 && priority <= MAX_PRIORITY)
    return;
  throw new InvalidProgramError('priority', `expected a whole number from 0 to ${MAX_PRIORITY}`);
}

function momentOf(field: string, moment: unknown): number {
  const ms = moment instanceof Date ? moment.getTime() : moment;
  if (typeof ms === 'number' && ms >= 0 && ms <= MAX_MS) return Math.round(ms);
  throw new InvalidProgramError(field, 'expected a valid Date or epoch milliseconds');
}

/**
 * A callback as it is kept: what was read, and no more.
 * @throws InvalidProgramError, PayloadTooLargeError naming the field
 */
export function checkCallback(
  field: string,
  callback: unknown,
  limits: PayloadLimits,
  depth = 1,
): CompletionCallback {
  if (callback === null || typeof callback !== 'object' || Array.isArray(callback))
    throw new InvalidProgramError(field, `expected { job, context, onComplete }, got ${nameOf(callback)}`);
  if (depth > MAX_CALLBACKS)
    throw new InvalidProgramError(field, `at most ${MAX_CALLBACKS} callbacks within each other`);
  const unknown = Object.keys(callback).find((key) => !CALLBACK_FIELDS.has(key));
  // One that is misspelt would be missing when the callback runs.
  if (unknown !== undefined)
    throw new InvalidProgramError(
      pathOf(field, [unknown]),
      `unknown field; a callback has ${[...CALLBACK_FIELDS].join(', ')}`,
    );
  const { job, context, onComplete } = callback as CompletionCallback;
  if (!isName(job)) checkName(pathOf(field, ['job']), job);
  return {
    job,
    ...(context === undefined ? {} : { context: checkContext(field, context, limits) }),
    ...(onComplete === undefined
      ? {}
      : { onComplete: checkCallback(pathOf(field, ['onComplete']), onComplete, limits, depth + 1) }),
  };
}

/**
 * Any JSON, as it will be read again.
 * @param field that of the callback
 */
function checkContext(field: string, context: unknown, { maxBytes, maxDepth }: PayloadLimits): unknown {
  const json = payloadJson(field, { context }, { maxBytes: Infinity, maxDepth });
  const bytes = Buffer.byteLength(json);
  if (bytes > maxBytes) throw new PayloadTooLargeError(pathOf(field, ['context']), bytes, maxBytes);
  return (JSON.parse(json) as { context?: unknown }).context ?? null;
}
