import { messageOf, readProperty } from '../../errors/index.js';

const CODES: ReadonlySet<unknown> = new Set(['42P01', '42703', 'ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR']);

/** True for the database's word that a table or a column is not there. */
export function isSchemaMissing(error: unknown): boolean {
  return CODES.has(readProperty(error, 'code')) || /no such (?:table|column)/.test(messageOf(error));
}
