import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import { idsOf } from '../rows.js';
import { isWaiting, type LineTables } from './line-tables.js';
import { leaveToSweep } from './sweep.js';

/** Programs that one look finds. */
const AT_ONCE = 500;

/**
 * Programs that somebody ended by hand while they waited: their batch and their callback need not wait until their
 * line is asked, which may be long, or never.
 */
export async function findEnded(trx: GroupTransaction, t: LineTables): Promise<void> {
  const rows = await trx.read(
    `select id from ${t.programs}
     where finished_at is null and errored_at is not null and ${isWaiting('')} and due_at = ${GATED}
     order by id limit ${AT_ONCE} ${t.terms.skipLocked}`,
  );
  if (rows.length > 0) await leaveToSweep(trx, t, idsOf(rows));
}
