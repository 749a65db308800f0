import type { Logger } from '../telemetry/logger.js';

/** Most JSON of a job's result that is kept, in bytes. */
const MAX_RESULT_BYTES = 256 * 1024;

/** A job's result as JSON; null when there is none, or none that can be kept: the job has succeeded all the same. */
export function toResultJson(value: unknown, job: string, logger: Logger): string | null {
  const json = stringify(value);
  if (json instanceof Error) return dropped(job, json.message, logger);
  if (json === undefined) return null;
  const bytes = Buffer.byteLength(json);
  return bytes > MAX_RESULT_BYTES
    ? dropped(job, `${bytes} bytes of JSON, the limit is ${MAX_RESULT_BYTES}`, logger)
    : json;
}

function stringify(value: unknown): string | undefined | Error {
  try {
    return JSON.stringify(value);
  } catch {
    return new Error('it cannot be written as JSON');
  }
}

function dropped(job: string, reason: string, logger: Logger): null {
  logger.warn('result-dropped', { job, reason });
  return null;
}
