import { messageOf, readProperty } from '../../errors/index.js';
import { withoutStatement } from '../database-faults.js';

const CODES: ReadonlySet<unknown> = new Set(['42P01', '42703', 'ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR']);
const NO_SUCH = /no such (?:table|column)/;

/** True for the database's word that a table or a column is not there. */
export function isSchemaMissing(error: unknown): boolean {
  const code = readProperty(error, 'code');
  return CODES.has(code) || (isOfSqlite(code) && NO_SUCH.test(withoutStatement(messageOf(error))));
}

/** All its drivers tell the kind of an error by its text only. Other errors may name a program so. */
function isOfSqlite(code: unknown): boolean {
  return typeof code === 'string' && /^(?:ERR_)?SQLITE/.test(code);
}
