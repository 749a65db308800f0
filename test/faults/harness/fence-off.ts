import type { Knex } from 'knex';
import { plain } from '../../../src/decorators.js';
import type { Claim, Dialect } from '../../../src/program-handler/index.js';

interface Holder {
  readonly fence: number | string;
  readonly claimed_by: string;
  readonly step: number;
}

/**
 * A dialect without its fence: each write names whoever holds the row just now and the step it is at, so that
 * nobody is refused. For the proof that the harness sees what the fence prevents.
 */
export function fenceOff(dialect: Dialect, knex: Knex, table: string): Dialect {
  const unguarded = <Write extends Claim>(writes: readonly Write[]): Promise<Write[]> =>
    Promise.all(writes.map(async (write) => ({ ...write, ...(await holder(knex, table, write)) })));
  return {
    ...plain(dialect),
    transition: async (changes, db) => dialect.transition(await unguarded(changes), db),
    saveJobData: async (writes) => dialect.saveJobData(await unguarded(writes)),
    renew: async (claims, leaseMs) => dialect.renew(await unguarded(claims), leaseMs),
  };
}

async function holder(knex: Knex, table: string, { id }: Claim): Promise<object> {
  const [row] = await knex(table).where('id', id).select<Holder[]>('fence', 'claimed_by', 'step');
  return row ? { fence: Number(row.fence), claimedBy: row.claimed_by, step: row.step } : {};
}
