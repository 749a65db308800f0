import { GATED, type GroupTransaction } from './dialects/dialect.js';
import type { LineTables } from './lines/line-tables.js';
import { untilReadySql } from './lines/open-pools.js';
import { soonest, waitOf } from './rows.js';

/** Lets the time pass until something is due next: all that waits for a moment comes nearer to it by so much. */
export async function hastenNext(trx: GroupTransaction, t: LineTables): Promise<void> {
  const { nowMs } = t.terms;
  const isScheduled = `due_at > ${nowMs} and due_at < ${GATED} and coalesce(finished_at, errored_at) is null`;
  const untilDue = `select min(due_at) - (${nowMs}) as wait_ms from ${t.programs} where ${isScheduled}`;
  const waitMs = soonest(waitOf(await trx.read(untilDue)), waitOf(await trx.read(untilReadySql(t))));
  if (waitMs === undefined || waitMs <= 0) return;
  const sooner = (table: string, column: string, where = `${column} > ${nowMs}`) =>
    trx.run(`update ${table} set ${column} = ${column} - ? where ${where}`, [Math.ceil(waitMs)]);
  await sooner(t.lines, 'turn_at');
  await sooner(t.pools, 'open_at');
  for (const table of [t.pools, t.meters]) {
    await sooner(table, 'held_until');
    // What a bucket lacks is refilled.
    await sooner(table, 'missing_at', 'missing > 0');
  }
  await sooner(t.programs, 'ready_at');
  await sooner(t.programs, 'due_at', isScheduled);
}
