import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InvalidJobInputError } from './invalid-job-input-error.js';
import type { Job } from './job.js';

/**
 * The job's data as its `input` schema gives it back; the data as it is where the job has no schema.
 * @throws InvalidJobInputError when the schema finds fault with it
 */
export async function validateInput(job: Job, data: unknown): Promise<unknown> {
  const schema = inputSchemaOf(job);
  if (!schema) return data;
  const result = await schema['~standard'].validate(data);
  if (result.issues) throw new InvalidJobInputError(job.name, result.issues);
  return result.value;
}

/** A static `input` of a class is the class's own affair, hence the look for `execute`. */
export function inputSchemaOf(job: Job): StandardSchemaV1 | undefined {
  return 'execute' in job && 'input' in job ? job.input : undefined;
}
