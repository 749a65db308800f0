import type { Knex } from 'knex';
import { GATED } from './dialects/dialect.js';
import type { SqlTerms } from './dialects/sql-terms.js';
import type { Row } from './rows.js';

/** Makes what is due next due now, as if the time until then had passed. */
export async function hastenNext(knex: Knex, table: string, terms: SqlTerms): Promise<void> {
  const nowMs = knex.raw(terms.nowMs);
  const waiting = knex<Row>(table).whereNull('finished_at').whereNull('errored_at');
  const next = await waiting
    .clone()
    .where('due_at', '>', nowMs)
    .where('due_at', '<', GATED)
    .min('due_at as due_at')
    .first();
  const dueAtMs: unknown = next?.['due_at'];
  if (dueAtMs !== null) await waiting.where('due_at', Number(dueAtMs)).update({ due_at: nowMs });
}
