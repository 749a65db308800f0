import { sqlTermsOf } from '../../../src/program-handler/dialects/sql-terms.js';
import type { Scenario } from './scenario.js';

/** For how long the lease of a program still holds by the clock of its database, in milliseconds. */
export async function leaseLeftMs({ knex, table }: Scenario, runId: string): Promise<number> {
  const { nowMs } = sqlTermsOf((knex.client as { dialect: string }).dialect);
  const left = knex.raw(`claimed_until - ${nowMs} as left_ms`);
  const [row] = await knex<{ run_id: string }>(table)
    .where('run_id', runId)
    .select<{ left_ms: unknown }[]>(left);
  return Number(row?.left_ms);
}
