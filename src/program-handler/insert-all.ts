import type { Knex } from 'knex';
import type { Bookkeeper } from './bookkeeper.js';
import { insertInGroups, insertWithin, type AfterCommit } from './insert.js';
import { insertKeyed, type KeyedInsertParts } from './keys/insert-keyed.js';
import { isKeyed } from './keys/keyed-program.js';
import type { PreparedProgram } from './new-program.js';

export interface InsertParts extends KeyedInsertParts {
  readonly lanes: Bookkeeper;
}

/** What became of the programs of one call. */
export interface Inserted {
  /** In their order; that of a program whose key was taken is the one of the program that has it. */
  readonly runIds: string[];
  /** Those that were not there before, as far as is known. */
  readonly fresh: readonly PreparedProgram[];
  readonly afterCommit: AfterCommit;
}

/** Inserts all but those whose idempotency keys stand for programs that are there. */
export async function insertAll(
  parts: InsertParts,
  programs: readonly PreparedProgram[],
  trx: Knex.Transaction | undefined,
): Promise<Inserted> {
  const keyed = programs.filter(isKeyed);
  if (keyed.length === 0) {
    const runIds = programs.map(({ runId }) => runId);
    return { runIds, fresh: programs, afterCommit: await insertUnkeyed(parts, programs, trx) };
  }
  // First, as they may be refused.
  const first = await insertKeyed(parts, keyed, trx);
  const others = programs.filter((program) => !isKeyed(program));
  const afterOthers = await insertUnkeyed(parts, others, trx);
  return {
    runIds: programs.map(({ runId, idempotencyKey = '' }) => first.runIds.get(idempotencyKey) ?? runId),
    fresh: [...first.fresh, ...others],
    afterCommit: async () => {
      await first.afterCommit();
      await afterOthers();
    },
  };
}

function insertUnkeyed(
  { dialect, lines, lanes }: InsertParts,
  programs: readonly PreparedProgram[],
  trx: Knex.Transaction | undefined,
): Promise<AfterCommit> {
  return trx ? insertWithin(trx, dialect, lines, programs) : insertInGroups(lanes, programs);
}
