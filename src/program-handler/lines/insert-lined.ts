import { BatchEndedError } from '../../errors/index.js';
import type { Line, LineOwner } from '../../program/line.js';
import type { ProgramOptions } from '../../program/program-options.js';
import type { GroupTransaction, NewProgram } from '../dialects/dialect.js';
import { lockBatches } from './count-in-batches.js';
import { findLines } from './find-lines.js';
import { marks, reactivating, type LineTables } from './line-tables.js';
import { openNow, openWaitingOf } from './open-new.js';
import { together } from './together.js';

/** A program that is to wait in a line, which is not known yet. */
export interface NewLinedProgram extends NewProgram {
  readonly owner: LineOwner;
  readonly options: ProgramOptions;
}

/** What became of programs that were to be inserted together. */
export interface InsertedLined {
  /** The lines of all. */
  readonly lines: Line[];
  /** Those that were inserted. */
  readonly rows: NewProgram[];
  /** Why one was not, at its index. */
  readonly refusals: (BatchEndedError | undefined)[];
}

/**
 * Inserts programs that wait in lines, but for those whose batches take no more. Repeating it inserts and counts
 * nothing twice.
 */
export async function insertLined(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<InsertedLined> {
  const lines = await findLines(
    trx,
    t,
    programs.map(({ owner }) => owner),
  );
  const refusals = await countIn(trx, t, programs);
  const rows = programs
    .map((program, index) => inLine(program, lines[index] as Line))
    .filter((_, index) => !refusals[index]);
  if (rows.length > 0) await trx.insert(rows);
  return { lines, rows, refusals };
}

/** The same in a transaction of its own, in which the lines can be opened as well. */
export async function insertAndOpen(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<InsertedLined> {
  const inserted = await insertLined(trx, t, programs);
  await openWaitingOf(trx, t, inserted.rows);
  return inserted;
}

/**
 * After a caller's transaction, of which knex does not always tell whether it was rolled back: lines that it made may
 * not exist, so they are not remembered.
 */
export async function openLines(trx: GroupTransaction, t: LineTables, lines: readonly Line[]): Promise<void> {
  await openNow(
    trx,
    t,
    [...new Set(lines.map(({ id }) => id))].sort((a, b) => a - b),
  );
}

function inLine({ owner, options, ...program }: NewLinedProgram, line: Line): NewProgram {
  const json = Object.keys(options).length > 0 ? JSON.stringify(options) : null;
  // A program without jobs ends from its line too, so that it counts like the others.
  return { ...program, isEmpty: false, line: { lineId: line.id, batchId: owner.batchId, options: json } };
}

/** Before the insert: what is there already was counted when it came. Resolves with what is refused, one for each. */
async function countIn(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<(BatchEndedError | undefined)[]> {
  const batched = programs.filter(({ owner }) => owner.batchId !== null);
  if (batched.length === 0) return [];
  const ids = new Set(batched.map(({ owner }) => Number(owner.batchId)));
  const [existing, batches] = await together([existingAmong(trx, t, batched), lockBatches(trx, t, [...ids])]);
  const isNew = ({ runId, owner }: NewLinedProgram, id: number) =>
    owner.batchId === id && !existing.has(runId);
  for (const [id, { status }] of batches) {
    const count = batched.filter((program) => isNew(program, id)).length;
    if (status !== 'cancelled' && count > 0) await addToTotal(trx, t, id, count);
  }
  return programs.map((program) => {
    const batch = batches.get(Number(program.owner.batchId));
    const isRefused = batch?.status === 'cancelled' && isNew(program, batch.id);
    return isRefused ? new BatchEndedError(batch.code, batch.status) : undefined;
  });
}

/** Those that are there, by their `runId`s. */
async function existingAmong(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<ReadonlySet<string>> {
  const rows = await trx.read(
    `select run_id from ${t.programs} where run_id in (${marks(programs.length)})`,
    programs.map(({ runId }) => runId),
  );
  return new Set(rows.map((row) => String(row['run_id'])));
}

/** A batch that had completed does not call its callback a second time. */
async function addToTotal(
  trx: GroupTransaction,
  t: LineTables,
  batchId: number,
  count: number,
): Promise<void> {
  await trx.run(`update ${t.batches} set ${reactivating(t)}, total = total + ? where id = ?`, [
    count,
    batchId,
  ]);
}
