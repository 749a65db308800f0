import type { Knex } from 'knex';
import { DatabaseUnavailableError, type BatchEndedError } from '../errors/index.js';
import type { Line } from '../program/line.js';
import type { Bookkeeper } from './bookkeeper.js';
import { chunksOf } from './chunks-of.js';
import { faultKind } from './database-faults.js';
import type { Dialect, NewProgram } from './dialects/dialect.js';
import { insertLined, openLines, type NewLinedProgram } from './lines/insert-lined.js';
import type { LineTables } from './lines/line-tables.js';
import type { PreparedProgram } from './new-program.js';

/** Rows that a statement inserts within a caller's transaction. */
const CHUNK = 1_000;

/** What is left to do when the programs are committed. */
export type AfterCommit = () => Promise<void>;

/**
 * All or none of them, as the caller's transaction ends.
 * @throws BatchEndedError
 */
export async function insertWithin(
  trx: Knex.Transaction,
  dialect: Dialect,
  tables: LineTables,
  programs: readonly PreparedProgram[],
): Promise<AfterCommit> {
  const { plain, lined } = apart(programs);
  for (const chunk of chunksOf(plain, CHUNK)) await dialect.insert(chunk, trx);
  const lines: Line[] = [];
  for (const chunk of chunksOf(lined, CHUNK)) {
    const inserted = await insertLined(dialect.within(trx), tables, chunk);
    inserted.refusals.forEach(throwRefusal);
    lines.push(...inserted.lines);
  }
  // Opened within it, a line would be locked for as long as the caller's transaction lasts.
  return async () => {
    if (lines.length > 0) await dialect.inTransaction((own) => openLines(own, tables, lines));
  };
}

/** @throws DatabaseUnavailableError after 10 s, BatchEndedError; some of them may exist by then */
export async function insertInGroups(
  { inserts, linedInserts }: Bookkeeper,
  programs: readonly PreparedProgram[],
): Promise<AfterCommit> {
  const startedAtMs = performance.now();
  const add = (program: PreparedProgram) =>
    isLined(program) ? linedInserts.add(program).then(throwRefusal) : inserts.add(program);
  try {
    await Promise.all(programs.map(add));
    return () => Promise.resolve();
  } catch (error) {
    if (faultKind(error) !== 'transient') throw error;
    throw new DatabaseUnavailableError('createProgram', performance.now() - startedAtMs, error);
  }
}

export function isLined(program: PreparedProgram): program is NewLinedProgram {
  return program.owner !== undefined;
}

function throwRefusal(refusal: BatchEndedError | undefined): void {
  if (refusal) throw refusal;
}

function apart(programs: readonly PreparedProgram[]): { plain: NewProgram[]; lined: NewLinedProgram[] } {
  return { plain: programs.filter((program) => !isLined(program)), lined: programs.filter(isLined) };
}
