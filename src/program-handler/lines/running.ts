import type { Fragment } from '../dialects/sql-terms.js';
import type { LineTables } from './line-tables.js';

type RunningTables = Pick<LineTables, 'slots' | 'programs' | 'terms'>;

/**
 * Ids, as `program_id`, of what may run from lines: it has a slot or is of a recent claim. It is looked for there, so
 * that it does not matter how many wait.
 * @param recent ids of programs of recent claims, read before: what gets its slot meanwhile comes once
 */
export function mayRunSql({ slots, programs, terms }: RunningTables, recent: readonly number[]): Fragment {
  const among = recent.length > 0 ? terms.among('id', recent) : { text: '1 = 0', values: [] };
  return {
    text: `select program_id from ${slots} union select id from ${programs} where ${among.text}`,
    values: among.values,
  };
}

/** How many programs of each batch run: `batch_id` and `running` of those with any. */
export function runningSql(t: RunningTables, recent: readonly number[]): Fragment {
  const mayRun = mayRunSql(t, recent);
  const text = `
    select p.batch_id, count(*) as running
    from (${mayRun.text}) r join ${t.programs} p on p.id = r.program_id
    where p.finished_at is null and p.errored_at is null and p.claimed_until > ${t.terms.nowMs}
      and p.batch_id is not null
    group by p.batch_id`;
  return { text, values: mayRun.values };
}
