import type { Knex } from 'knex';
import { DatabaseUnavailableError } from '../errors/index.js';
import { faultKind } from './database-faults.js';
import type { Dialect, NewProgram } from './dialects/dialect.js';
import type { GroupCommit } from './group-commit.js';

/** Rows that a statement inserts within a caller's transaction. */
const CHUNK = 1_000;

/** All or none of them, as the caller's transaction ends. */
export async function insertWithin(
  trx: Knex.Transaction,
  dialect: Dialect,
  programs: readonly NewProgram[],
): Promise<void> {
  for (let from = 0; from < programs.length; from += CHUNK)
    await dialect.insert(programs.slice(from, from + CHUNK), trx);
}

/** @throws DatabaseUnavailableError after 10 s; some of them may exist by then */
export async function insertInGroups(
  lane: GroupCommit<NewProgram, void>,
  programs: readonly NewProgram[],
): Promise<void> {
  const startedAtMs = performance.now();
  try {
    await Promise.all(programs.map((program) => lane.add(program)));
  } catch (error) {
    if (faultKind(error) !== 'transient') throw error;
    throw new DatabaseUnavailableError('createProgram', performance.now() - startedAtMs, error);
  }
}
