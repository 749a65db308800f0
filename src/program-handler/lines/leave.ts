import type { Leaving, Transition } from '../../program/transition.js';
import { whetherMet } from '../../program/holders.js';
import { GATED, type GivenBack, type GroupTransaction } from '../dialects/dialect.js';
import { batchesOf, countInLocked, lockBatches } from './count-in-batches.js';
import type { BatchRow } from './batch-row.js';
import { createCallbacks } from './callbacks.js';
import type { LeftProgram } from './ended-program.js';
import { findLines } from './find-lines.js';
import { holdBack } from './hold-back.js';
import { forIds, type LineTables } from './line-tables.js';
import { openKeys, openPools, openWaiting } from './open-lines.js';
import { countAsUncancelled } from './reenter.js';
import { together } from './together.js';

/** A transition by which a program leaves its place among those that run from its line. */
export type LeavingTransition = Transition & { readonly leaving: Leaving };

export function isLeaving(change: Transition): change is LeavingTransition {
  return change.leaving !== undefined;
}

export interface Left {
  /** Which of the transitions were written. */
  readonly areMet: boolean[];
  /** Programs that were created with them: their `runId`s. */
  readonly created: string[];
}

/**
 * Writes transitions together with all that follows from them: slots are given back, batches counted, callbacks
 * created. Rows are locked in one order everywhere: programs, slots, batches, lines, pools.
 */
export async function leaveLines(
  trx: GroupTransaction,
  t: LineTables,
  changes: readonly LeavingTransition[],
): Promise<Left> {
  const [givenBack, locked] = await giveBackAndLock(trx, t, changes);
  const areMet = whetherMet(changes, givenBack.ids);
  const met = changes.filter((_, index) => areMet[index]);
  if (met.length === 0) return { areMet, created: [] };
  const uncancelled = uncancelledAmong(met, givenBack);
  const waiting = met.filter(({ end }) => end === null);
  await waitAgain(trx, t, waiting);
  if (uncancelled.length > 0) await countAsUncancelled(trx, t, uncancelled);
  const batches = uncancelled.length > 0 ? await lockBatches(trx, t, [...locked.keys()]) : locked;
  const left = met.map(toLeft);
  const created = [...(await createCallbacks(trx, t, left)), ...(await countInLocked(trx, t, left, batches))];
  const lines = met.map(({ leaving }) => leaving.line);
  await openWaiting(
    trx,
    t,
    waiting.map(({ id }) => id),
  );
  await openKeys(trx, t, lines);
  // The pool without a name is never full.
  await openPools(
    trx,
    t,
    lines.filter(({ pool }) => pool !== ''),
  );
  for (const { leaving } of met)
    if (leaving.holdMs !== undefined) await holdBack(trx, t, leaving.line, leaving.holdMs);
  return { areMet, created };
}

async function giveBackAndLock(
  trx: GroupTransaction,
  t: LineTables,
  changes: readonly LeavingTransition[],
): Promise<[GivenBack, ReadonlyMap<number, BatchRow>]> {
  const givenBack = trx.leave(changes.map(dueAtOnceWhereEnded));
  // Where that is one statement, both are sent at once. Of several, none must come after what fails here.
  if (!t.terms.chainsChanges) await givenBack;
  return together([givenBack, lockBatches(trx, t, batchesOf(changes.map(toLeft)))]);
}

/** Who takes an end back by hand, by clearing `errored_at`, makes the program due. */
function dueAtOnceWhereEnded(change: LeavingTransition): Transition {
  return change.end === null ? change : { ...change, delayMs: 0 };
}

/**
 * The ids of those that were cancelled while they ran, and so counted, before somebody has taken that back by hand.
 */
function uncancelledAmong(met: readonly LeavingTransition[], { settled }: GivenBack): number[] {
  const holders = new Map(met.map(({ id, claimedBy }) => [id, claimedBy]));
  return settled
    .filter((slot) => holders.get(Number(slot['program_id'])) === slot['claimed_by'])
    .map((slot) => Number(slot['program_id']))
    .sort((a, b) => a - b);
}

/** The transition has set `due_at`, which is for programs that wait in no line. */
async function waitAgain(
  trx: GroupTransaction,
  t: LineTables,
  waiting: readonly LeavingTransition[],
): Promise<void> {
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  const { text, values } = forIds(
    t,
    `update ${t.programs} set ready_at = due_at, due_at = ${GATED}`,
    'id',
    ids,
  );
  await trx.run(text, values);
  for (const change of waiting) await changePool(trx, t, change);
}

async function changePool(
  trx: GroupTransaction,
  t: LineTables,
  { id, leaving }: LeavingTransition,
): Promise<void> {
  if (leaving.nextPool === undefined) return;
  const owner = { ...leaving.line, pool: leaving.nextPool };
  const [line] = await findLines(trx, t, [owner]);
  await trx.run(`update ${t.programs} set line_id = ? where id = ?`, [line?.id, id]);
}

function toLeft(change: LeavingTransition): LeftProgram {
  const { errorMessage, attempt, leaving } = change;
  return {
    runId: leaving.runId,
    batchId: leaving.line.batchId,
    left: howLeft(change),
    message: errorMessage,
    durationMs: attempt?.durationMs ?? 0,
    result: attempt?.result ?? null,
    onComplete: leaving.onComplete,
  };
}

function howLeft({ end, leaving }: LeavingTransition): LeftProgram['left'] {
  if (end !== null) return end;
  if (leaving.isRetry) return 'retried';
  return leaving.holdMs === undefined ? 'waiting' : 'held';
}
