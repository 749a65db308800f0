import type { Line, LineOwner } from '../../program/line.js';
import type { ProgramOptions } from '../../program/program-options.js';
import type { GroupTransaction, NewProgram } from '../dialects/dialect.js';
import { findLines } from './find-lines.js';
import { marks, reactivating, type LineTables } from './line-tables.js';
import { openNow, openWaitingOf } from './open-new.js';

/** A program that is to wait in a line, which is not known yet. */
export interface NewLinedProgram extends NewProgram {
  readonly owner: LineOwner;
  readonly options: ProgramOptions;
}

/** Inserts programs that wait in lines; resolves with those lines. Repeating it inserts and counts nothing twice. */
export async function insertLined(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<Line[]> {
  const lines = await findLines(
    trx,
    t,
    programs.map(({ owner }) => owner),
  );
  const rows = programs.map((program, index) => inLine(program, lines[index] as Line));
  await countIn(trx, t, programs);
  await trx.insert(rows);
  return lines;
}

/** The same in a transaction of its own, in which the lines can be opened as well. */
export async function insertAndOpen(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<Line[]> {
  const lines = await insertLined(trx, t, programs);
  await openWaitingOf(
    trx,
    t,
    programs.map((program, index) => inLine(program, lines[index] as Line)),
  );
  return lines;
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

/** Before the insert: what is there already was counted when it came. */
async function countIn(
  trx: GroupTransaction,
  t: LineTables,
  programs: readonly NewLinedProgram[],
): Promise<void> {
  const batched = programs.filter(({ owner }) => owner.batchId !== null);
  if (batched.length === 0) return;
  const known = await trx.read(
    `select run_id from ${t.programs} where run_id in (${marks(batched.length)})`,
    batched.map(({ runId }) => runId),
  );
  const existing = new Set(known.map((row) => String(row['run_id'])));
  const counts = new Map<number, number>();
  for (const { runId, owner } of batched)
    if (!existing.has(runId)) counts.set(Number(owner.batchId), (counts.get(Number(owner.batchId)) ?? 0) + 1);
  // A batch that had completed does not call its callback a second time.
  for (const [id, count] of [...counts].sort(([a], [b]) => a - b))
    await trx.run(`update ${t.batches} set ${reactivating(t)}, total = total + ? where id = ?`, [count, id]);
}
