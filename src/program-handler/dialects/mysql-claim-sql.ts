import { CLAIM_COLUMNS } from '../rows.js';
import { GATED, MOST_HELD, PARKED } from './dialect.js';
import { INPUT } from './mysql-rows.js';
import { byId, UNENDED } from './mysql-terms.js';
import { unpausedSql, type SqlContext } from './sql-terms.js';

/** Far more than a group of ids takes. */
const MAX_LIST_BYTES = 1_000_000;

const COLUMNS = CLAIM_COLUMNS.map((column) => `p.${column}`).join(', ');

/** Finding what is due. */
export function findSql(context: SqlContext) {
  const { programs, now } = context;
  const unpaused = unpausedSql(context);
  const unended = 'finished_at is null and errored_at is null';
  const unclaimed = `claimed_until is null or claimed_until <= ${now}`;
  return {
    findDue: `
      select id from \`${programs}\`
      where ${unended} and due_at <= ${now} and due_at >= ? and (fence > 0 or due_at <= ${now} - ?)
        and (${unclaimed} or claimed_by = ?) and ${unpaused}
      order by due_at limit ?`,

    untilDue: `
      select coalesce(
        (select 0 from \`${programs}\`
         where ${unended} and due_at <= ${now} and (fence > 0 or due_at <= ${now} - ?) and (${unclaimed})
         order by due_at limit 1),
        (select min(wait_ms) from (
          (select min(case when claimed_until > ${now} then claimed_until else due_at + ? end) - (${now}) as wait_ms
           from (select claimed_until, due_at from \`${programs}\`
             where ${unended} and due_at <= ${now} order by due_at limit ${MOST_HELD}) held)
          union all
          (select due_at - (${now}) from \`${programs}\`
           where ${unended} and due_at > ${now} and due_at < ${GATED}
           order by due_at limit 1)) waiting)) as wait_ms
      from dual where ${unpaused}`,
  };
}

/** Claiming what is due, or parked, of the programs with these keys. */
export function claimSql(context: SqlContext) {
  const { programs, now, timestamp } = context;
  const unpaused = unpausedSql(context);
  // First lost_count, which reads claimed_by: MySQL assigns from left to right.
  const assignments = `
    p.lost_count = p.lost_count + case when p.claimed_by is null or p.claimed_by = ? then 0 else 1 end,
    p.fence = p.fence + 1,
    p.due_at = case when p.due_at = ${PARKED} then ${now} else p.due_at end,
    p.claimed_by = ?,
    p.claimed_until = ${now} + ?,
    p.updated_at = ${timestamp}`;
  const claimable = (join: string) => `
    from ${join}
    where ${UNENDED} and (p.due_at = ${PARKED} or (p.due_at + 0 <= ${now} and ${unpaused}))
      and (p.claimed_until is null or p.claimed_until <= ${now} or p.claimed_by = ?)
    for update skip locked`;
  const locked = byId(programs, INPUT.ids.replace('?', 'ids'));
  const claimBy = (join: string) => ({
    lock: `select ${COLUMNS} ${claimable(join)}`,

    change: (count: number) =>
      `update \`${programs}\` p force index (primary) set ${assignments}
       where p.id in (${Array(count).fill('?').join(', ')})`,

    // A list of ids must not be cut off where somebody keeps such lists short.
    block: `begin not atomic
      declare ids longtext;
      set transaction isolation level read committed;
      start transaction;
      set statement group_concat_max_len = ${MAX_LIST_BYTES} for
        select json_arrayagg(p.id) into ids ${claimable(join)};
      update ${locked} set ${assignments};
      select ${COLUMNS} from ${locked};
      commit;
    end`,
  });
  return {
    byRunId: claimBy(`${INPUT.runIds} straight_join \`${programs}\` p on p.run_id = i.run_id`),
    byId: claimBy(byId(programs, INPUT.ids)),
  };
}
