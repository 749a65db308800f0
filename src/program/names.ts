/** What the columns of run ids and job names hold. */
export const MAX_NAME_LENGTH = 255;

/** True for what can be the name of a job: a text that every database takes and tells apart. */
export function isName(value: unknown): value is string {
  const isText = typeof value === 'string' && value !== '' && value.length <= MAX_NAME_LENGTH;
  return isText && value.isWellFormed() && !value.includes('\u0000');
}

/**
 * True for what can be told apart by its value in a row: a `runId`, the name of a pool, a `concurrencyKey`. MySQL
 * compares texts without the spaces at their ends.
 */
export function isIdentifier(value: unknown): value is string {
  return isName(value) && !value.endsWith(' ');
}
