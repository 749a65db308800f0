import type { GroupTransaction } from '../dialects/dialect.js';
import type { Row } from '../rows.js';
import type { LeavingTransition } from './leave.js';
import { forIds, type LineTables } from './line-tables.js';

/**
 * Deletes the slots of programs that leave. Resolves with the ids of those that were cancelled while they ran, and so
 * counted, before somebody has taken that back by hand.
 */
export async function giveBackSlots(
  trx: GroupTransaction,
  t: LineTables,
  leaving: readonly LeavingTransition[],
): Promise<number[]> {
  const holders = new Map(leaving.map(({ id, claimedBy }) => [id, claimedBy]));
  const slots = await deleteSlots(trx, t, [...holders.keys()]);
  return slots
    .filter((slot) => Number(slot['is_settled']) === 1)
    .filter((slot) => holders.get(Number(slot['program_id'])) === slot['claimed_by'])
    .map((slot) => Number(slot['program_id']))
    .sort((a, b) => a - b);
}

const COLUMNS = 'program_id, claimed_by, is_settled';

async function deleteSlots(
  trx: GroupTransaction,
  t: LineTables,
  programIds: readonly number[],
): Promise<readonly Row[]> {
  const { text, values } = forIds(t, `delete from ${t.slots}`, 'program_id', programIds);
  if (t.terms.hasReturning) return trx.read(`${text} returning ${COLUMNS}`, values);
  const held = forIds(t, `select ${COLUMNS} from ${t.slots}`, 'program_id', programIds);
  const slots = await trx.read(held.text, held.values);
  await trx.run(text, values);
  return slots;
}
