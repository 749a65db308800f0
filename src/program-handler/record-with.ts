import type { Knex } from 'knex';
import { LeaseLostError } from '../errors/index.js';
import type { Transition } from '../program/transition.js';
import { faultKind } from './database-faults.js';
import type { Dialect } from './dialects/dialect.js';
import { isSilence, unlistened } from './dialects/listening-knex.js';
import { isLeaving, leaveLines } from './lines/leave.js';
import type { LineTables } from './lines/line-tables.js';
import { inOwnTransaction } from './own-transaction.js';
import { repeating } from './repeating.js';
import { endedWithin, markTransaction, requireSame } from './same-transaction.js';

/** A job's own statements, and the transition that is committed with them. */
export type StepWork<T> = (trx: Knex.Transaction) => Promise<{ value: T; change: Transition }>;

interface RecordParts {
  /** Listens to its connections. */
  readonly knex: Knex;
  readonly dialect: Dialect;
  readonly lines: LineTables;
  /** Programs were created together with the end of others. */
  readonly onCreated: (runIds: readonly string[]) => void;
  /** Whether this transition is written. */
  readonly isVisible: (change: Transition) => Promise<boolean>;
}

/** How far a step has come. */
interface StepProgress<T> {
  isBegun: boolean;
  done?: Awaited<ReturnType<StepWork<T>>>;
  isWritten: boolean;
}

/** Runs a job's statements in a transaction that persists its transition as well: both or neither. */
export async function recordWith<T>(parts: RecordParts, runId: string, work: StepWork<T>): Promise<T> {
  const step: StepProgress<T> = { isBegun: false, isWritten: false };
  const once = () => inOwnTransaction(parts.knex, (trx) => takeStep(parts, step, { trx, runId, work }));
  try {
    const mayRepeat = (error: unknown): boolean => !step.isBegun && isTransient(error);
    const value = await repeating('Beginning a transaction', () => heardOf(once, mayRepeat), mayRepeat);
    // Knex resolves also when the job itself has committed or rolled back.
    if (!step.isWritten) throw endedWithin();
    if (step.done && isLeaving(step.done.change))
      parts.lines.ownClaims.left(step.done.change.claimedBy, step.done.change.id);
    return value;
  } catch (error) {
    // The commit itself may have succeeded, when only the reply to it was lost.
    if (step.done && isTransient(error) && (await parts.isVisible(step.done.change))) return step.done.value;
    throw error;
  }
}

/** A silent connection says nothing about the others, however long that took: each that is cut makes room for a new one. */
async function heardOf<T>(once: () => Promise<T>, mayRepeat: (error: unknown) => boolean): Promise<T> {
  for (;;) {
    try {
      return await once();
    } catch (error) {
      if (!isSilence(error) || !mayRepeat(error)) throw error;
    }
  }
}

interface OneStep<T> {
  readonly trx: Knex.Transaction;
  readonly runId: string;
  readonly work: StepWork<T>;
}

async function takeStep<T>(
  parts: RecordParts,
  step: StepProgress<T>,
  { trx, runId, work }: OneStep<T>,
): Promise<T> {
  await parts.dialect.beginWork(trx);
  await markTransaction(trx);
  step.isBegun = true;
  step.done = await unlistened(trx, () => work(trx));
  await requireSame(trx);
  if (!(await writeWithin(parts, trx, step.done.change)))
    throw new LeaseLostError(runId, 'it was taken over or ended by hand');
  step.isWritten = true;
  return step.done.value;
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
