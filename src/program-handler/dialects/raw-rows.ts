import type { Knex } from 'knex';
import { readProperty } from '../../errors/index.js';
import type { Row } from '../rows.js';
import type { Db } from './dialect.js';

/** The rows of a statement that runs through knex: each driver wraps them in its own way. */
export async function rawRows(db: Db, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
  const answer: unknown = await db.raw(text, values as Knex.RawBinding[]);
  const rows: unknown = readProperty(answer, 'rows');
  if (Array.isArray(rows)) return rows as Row[];
  if (!Array.isArray(answer)) return [];
  return (Array.isArray(answer[0]) ? answer[0] : answer) as Row[];
}
