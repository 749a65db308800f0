import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ProgramExecutorError } from '../errors/program-executor-error.js';

const MAX_LISTED = 5;

/** A job's data does not fit its `input` schema. Repeating cannot help, so the program fails at once. */
export class InvalidJobInputError extends ProgramExecutorError {
  override readonly name = 'InvalidJobInputError';
  readonly nonRetryable = true;

  /** @param issues what the schema found, as Standard Schema gives them */
  constructor(
    job: string,
    readonly issues: readonly StandardSchemaV1.Issue[],
  ) {
    super('PE_INVALID_JOB_INPUT', `Job ${job}: its data does not fit its input schema: ${listOf(issues)}`);
  }
}

function listOf(issues: readonly StandardSchemaV1.Issue[]): string {
  const listed = issues.slice(0, MAX_LISTED).map((issue) => `${pathOf(issue)}${issue.message}`);
  const more = issues.length - listed.length;
  return [...listed, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

function pathOf({ path }: StandardSchemaV1.Issue): string {
  if (!path?.length) return '';
  return `${path.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')}: `;
}
