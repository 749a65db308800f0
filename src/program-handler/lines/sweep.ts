import { GATED, type GroupTransaction } from '../dialects/dialect.js';
import type { Row } from '../rows.js';
import { toCancelled } from './cancel-lined.js';
import { createCallbacks } from './callbacks.js';
import { countInBatches } from './count-in-batches.js';
import { ENDED_COLUMNS, isCounted, type LeftProgram } from './ended-program.js';
import { forIds, isWaiting, type LineTables } from './line-tables.js';
import { openKeys, openPools, openWaiting } from './open-lines.js';
import { lineOfSlot } from './slot-row.js';

/** Slots that one sweep looks at. */
const AT_ONCE = 500;

/**
 * What a worker that died, or a person that edited a row, has left behind: slots without a lease. Their programs
 * wait in their lines again or, where they have ended by hand, count as cancelled. Resolves with the `runId`s of the
 * callbacks that were created.
 */
export async function sweepSlots(trx: GroupTransaction, t: LineTables): Promise<string[]> {
  const stale = await staleSlots(trx, t);
  if (stale.length === 0) return [];
  const ids = [...new Set(stale.map((slot) => Number(slot['program_id'])))];
  const programs = await lockPrograms(trx, t, ids);
  // What another sweep has settled meanwhile is gone by now.
  const slots = await lockSlots(trx, t, ids);
  await waitAgain(trx, t, ids);
  const settled = new Set(
    slots.filter((slot) => Number(slot['is_settled']) === 1).map((slot) => Number(slot['program_id'])),
  );
  const over = programs.filter(isOver);
  await settle(
    trx,
    t,
    over.map((row) => Number(row['id'])),
  );
  await dropStale(trx, t, ids);
  const left = [...over.map(toEnded), ...goneFrom(slots, programs, settled)];
  const created = [...(await createCallbacks(trx, t, left)), ...(await countInBatches(trx, t, left))];
  await openWaiting(trx, t, ids);
  const lines = slots.map(lineOfSlot);
  await openKeys(trx, t, lines);
  await openPools(trx, t, lines);
  return created;
}

/** Programs that were found to have ended by hand while they waited: the next sweep settles them. */
export async function leaveToSweep(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
): Promise<void> {
  const leave = forIds(
    t,
    `update ${t.programs} set ready_at = null, claimed_by = null, claimed_until = null`,
    'id',
    ids,
  );
  await trx.run(leave.text, leave.values);
  const among = t.terms.among('p.id', ids);
  await trx.run(
    `insert into ${t.slots} (program_id, claimed_by, line_id, pool_id, batch_id, line_key)
     select p.id, '', l.id, l.pool_id, l.batch_id, l.line_key
     from ${t.programs} p join ${t.lines} l on l.id = p.line_id where ${among.text}
     ${t.terms.ignoringExisting('program_id')}`,
    among.values,
  );
}

function staleSlots(trx: GroupTransaction, { slots, programs, terms }: LineTables): Promise<readonly Row[]> {
  return trx.read(
    `select s.program_id from ${slots} s left join ${programs} p on p.id = s.program_id
     where p.id is null or p.claimed_until is null or p.claimed_until <= ${terms.nowMs} or p.claimed_by <> s.claimed_by
     order by s.program_id limit ${AT_ONCE}`,
  );
}

/** In the order of their ids, as all do. */
function lockPrograms(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<readonly Row[]> {
  const { text, values } = forIds(t, `select ${ENDED_COLUMNS} from ${t.programs}`, 'id', ids);
  return trx.read(`${text} order by id ${t.terms.forUpdate}`, values);
}

function lockSlots(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<readonly Row[]> {
  const { text, values } = forIds(t, `select * from ${t.slots}`, 'program_id', ids);
  return trx.read(`${text} order by program_id, claimed_by ${t.terms.forUpdate}`, values);
}

/**
 * The claimer is left in, so that the next claim counts the loss; but the fence keeps it out: should it live after
 * all, it holds no slot any more. One that was cancelled waits again only once somebody has taken that back, and then
 * it is found due, and its batch counts it as open.
 */
async function waitAgain(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<void> {
  const now = t.terms.nowMs;
  const { text, values } = forIds(
    t,
    `update ${t.programs} set fence = fence + 1, claimed_until = null,
       ready_at = case when due_at = ${GATED} and coalesce(finished_at, errored_at) is null then ${now} end`,
    'id',
    ids,
  );
  await trx.run(
    `${text} and not (${isWaiting('')}) and (claimed_until is null or claimed_until <= ${now})`,
    values,
  );
}

/** Whatever was errored by hand was cancelled. */
async function settle(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const now = t.terms.nowMs;
  const cancelledAt = `case when finished_at is null then ${now} end`;
  const set = `cancelled_at = ${cancelledAt}, ready_at = null, due_at = ${now}, claimed_by = null, claimed_until = null`;
  const { text, values } = forIds(t, `update ${t.programs} set ${set}`, 'id', ids);
  await trx.run(text, values);
}

async function dropStale(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<void> {
  const { text, values } = forIds(t, `delete from ${t.slots}`, 'program_id', ids);
  await trx.run(
    `${text} and not exists (
       select 1 from ${t.programs} p where p.id = ${t.slots}.program_id and p.claimed_by = ${t.slots}.claimed_by
         and p.claimed_until > ${t.terms.nowMs})`,
    values,
  );
}

function isOver(row: Row): boolean {
  return (row['finished_at'] !== null || row['errored_at'] !== null) && !isCounted(row);
}

function toEnded(row: Row): LeftProgram {
  const cancelled = toCancelled(row);
  return row['finished_at'] === null ? cancelled : { ...cancelled, left: 'finished' };
}

/** Their rows were deleted while they ran: nobody can be told, but their batch is not to wait for them. */
function goneFrom(
  slots: readonly Row[],
  programs: readonly Row[],
  settled: ReadonlySet<number>,
): LeftProgram[] {
  const known = new Set([...programs.map((row) => Number(row['id'])), ...settled]);
  const gone = new Map(
    slots.map((slot) => [Number(slot['program_id']), slot] as const).filter(([id]) => !known.has(id)),
  );
  return [...gone.values()].map((slot) => toCancelled({ ...slot, batch_id: lineOfSlot(slot).batchId }));
}
