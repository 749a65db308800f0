import type { Fragment } from '../dialects/sql-terms.js';
import type { LineTables } from './line-tables.js';

/**
 * How many programs of each batch run, which is `batch_id` and `running` of those with any. What runs has a slot or is
 * of a recent claim, and has a lease; it is read from there, so that it does not matter how many wait.
 * @param recent ids of programs of recent claims, read before: what gets its slot meanwhile is counted once
 */
export function runningSql(
  { slots, programs, terms }: Pick<LineTables, 'slots' | 'programs' | 'terms'>,
  recent: readonly number[],
): Fragment {
  const among = recent.length > 0 ? terms.among('id', recent) : { text: '1 = 0', values: [] };
  const text = `
    select p.batch_id, count(*) as running
    from (select program_id from ${slots} union select id from ${programs} where ${among.text}) r
    join ${programs} p on p.id = r.program_id
    where p.finished_at is null and p.errored_at is null and p.claimed_until > ${terms.nowMs} and p.batch_id is not null
    group by p.batch_id`;
  return { text, values: among.values };
}
