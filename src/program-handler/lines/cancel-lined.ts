import { cut } from '../../errors/index.js';
import type { ProgramOptions } from '../../program/program-options.js';
import { MAX_ERROR_MESSAGE } from '../../program/transition.js';
import type { GroupTransaction } from '../dialects/dialect.js';
import { idsOf, JsonColumns, numberOrNull, type Row } from '../rows.js';
import { createCallbacks } from './callbacks.js';
import { countInBatches } from './count-in-batches.js';
import { ENDED_COLUMNS, type LeftProgram } from './ended-program.js';
import { forIds, type LineTables } from './line-tables.js';
import { giveSlotsTo } from './recent-claims.js';
import { countAsOpen } from './reenter.js';

export interface Cancelled {
  readonly count: number;
  /** The `runId`s of callbacks that were created. */
  readonly created: string[];
}

/**
 * Cancels those of these programs, all of lines, that have not ended. One that runs has a slot until its job has
 * ended, which it is told to at its next heartbeat.
 */
export async function cancelLined(
  trx: GroupTransaction,
  t: LineTables,
  ids: readonly number[],
  reason: string,
): Promise<Cancelled> {
  const rows = await lockUnended(trx, t, ids);
  if (rows.length === 0) return { count: 0, created: [] };
  const open = idsOf(rows);
  await giveSlotsTo(trx, t, open);
  const { nowMs: now, timestamp } = t.terms;
  const { text, values } = forIds(
    t,
    `update ${t.programs} set errored_at = ${timestamp}, error_message = ?, cancelled_at = ${now},
       ready_at = null, due_at = ${now}, updated_at = ${timestamp}`,
    'id',
    open,
  );
  await trx.run(text, [cut(reason, MAX_ERROR_MESSAGE), ...values]);
  const slots = forIds(t, `update ${t.slots} set is_settled = 1`, 'program_id', open);
  await trx.run(slots.text, slots.values);
  // An end that was taken back by hand is counted still.
  for (const row of rows) await countAsOpen(trx, t, row);
  const left = rows.map(toCancelled);
  const callbacks = await createCallbacks(trx, t, left);
  return { count: rows.length, created: [...callbacks, ...(await countInBatches(trx, t, left))] };
}

function lockUnended(trx: GroupTransaction, t: LineTables, ids: readonly number[]): Promise<readonly Row[]> {
  const { text, values } = forIds(t, `select ${ENDED_COLUMNS} from ${t.programs}`, 'id', ids);
  return trx.read(
    `${text} and coalesce(finished_at, errored_at) is null order by id ${t.terms.forUpdate}`,
    values,
  );
}

/** A program as its batch and its callback are told that it was cancelled. */
export function toCancelled(row: Row): LeftProgram {
  const { onComplete } = new JsonColumns(row).object('options') as ProgramOptions;
  return {
    runId: String(row['run_id']),
    batchId: numberOrNull(row['batch_id']),
    left: 'cancelled',
    message: null,
    durationMs: 0,
    result: null,
    onComplete,
  };
}
