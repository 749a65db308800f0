import { readProperty } from '../../errors/index.js';
import type { Row } from '../rows.js';

/** The rows that `knex.raw` resolved with: each driver wraps them in its own way. */
export function rowsOf(answer: unknown): readonly Row[] {
  const rows: unknown = readProperty(answer, 'rows');
  if (Array.isArray(rows)) return rows as Row[];
  if (!Array.isArray(answer)) return [];
  return (Array.isArray(answer[0]) ? answer[0] : answer) as Row[];
}
