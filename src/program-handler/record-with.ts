import type { Knex } from 'knex';
import { LeaseLostError } from '../errors/index.js';
import type { Transition } from '../program/transition.js';
import { faultKind } from './database-faults.js';
import type { Dialect } from './dialects/dialect.js';
import { isLeaving, leaveLines } from './lines/leave.js';
import type { LineTables } from './lines/line-tables.js';
import { repeating } from './repeating.js';

/** A job's own statements, and the transition that is committed with them. */
export type StepWork<T> = (trx: Knex.Transaction) => Promise<{ value: T; change: Transition }>;

interface RecordParts {
  readonly knex: Knex;
  readonly dialect: Dialect;
  readonly lines: LineTables;
  /** Programs were created together with the end of others. */
  readonly onCreated: (runIds: readonly string[]) => void;
  /** Whether this transition is written. */
  readonly isVisible: (change: Transition) => Promise<boolean>;
}

/** Runs a job's statements in a transaction that persists its transition as well: both or neither. */
export async function recordWith<T>(parts: RecordParts, runId: string, work: StepWork<T>): Promise<T> {
  let done: Awaited<ReturnType<StepWork<T>>> | undefined;
  let isBegun = false;
  const once = () =>
    parts.knex.transaction(async (trx) => {
      await parts.dialect.beginWork(trx);
      isBegun = true;
      done = await work(trx);
      if (!(await writeWithin(parts, trx, done.change)))
        throw new LeaseLostError(runId, 'it was taken over or ended by hand');
      return done.value;
    });
  try {
    const value = await repeating('Beginning a transaction', once, (error) => !isBegun && isTransient(error));
    if (done && isLeaving(done.change)) parts.lines.ownClaims.left(done.change.claimedBy, done.change.id);
    return value;
  } catch (error) {
    // The commit itself may have succeeded, when only the reply to it was lost.
    if (done && isTransient(error) && (await parts.isVisible(done.change))) return done.value;
    throw error;
  }
}

async function writeWithin(
  { dialect, lines, onCreated }: RecordParts,
  trx: Knex.Transaction,
  change: Transition,
): Promise<boolean> {
  if (!isLeaving(change)) return (await dialect.transition([change], trx)).length > 0;
  const { areMet, created } = await leaveLines(dialect.within(trx), lines, [change]);
  if (created.length > 0)
    void trx.executionPromise.then(
      () => onCreated(created),
      () => undefined,
    );
  return areMet[0] === true;
}

function isTransient(error: unknown): boolean {
  return faultKind(error) === 'transient';
}
