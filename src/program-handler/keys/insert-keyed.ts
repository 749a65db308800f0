import type { Knex } from 'knex';
import { chunksOf } from '../chunks-of.js';
import type { Dialect, TableNames } from '../dialects/dialect.js';
import { insertWithin, type AfterCommit } from '../insert.js';
import type { LineTables } from '../lines/line-tables.js';
import type { PreparedProgram } from '../new-program.js';
import { inOwnTransaction } from '../own-transaction.js';
import { repeating } from '../repeating.js';
import { onePerKey, type KeyedProgram, type Wanted } from './keyed-program.js';
import { KeyTaking } from './take-keys.js';

/** Programs of a call that are inserted by one transaction. */
const CHUNK = 1_000;

export interface KeyedInsertParts {
  readonly knex: Knex;
  readonly dialect: Dialect;
  readonly tables: TableNames;
  readonly lines: LineTables;
}

/** What became of programs with keys. */
export interface KeyedInsert {
  /** What each key stands for. */
  readonly runIds: ReadonlyMap<string, string>;
  /** Those that were inserted. */
  readonly fresh: readonly PreparedProgram[];
  readonly afterCommit: AfterCommit;
}

/**
 * Inserts programs whose keys are free: each chunk in a transaction of its own, or all in the caller's.
 * @throws IdempotencyConflictError, DatabaseUnavailableError
 */
export async function insertKeyed(
  parts: KeyedInsertParts,
  programs: readonly KeyedProgram[],
  trx: Knex.Transaction | undefined,
): Promise<KeyedInsert> {
  const wanted = onePerKey(programs);
  if (trx) return insertChunk(parts, wanted, trx);
  const chunks: KeyedInsert[] = [];
  for (const chunk of chunksOf(wanted, CHUNK)) chunks.push(await insertAlone(parts, chunk));
  return {
    runIds: new Map(chunks.flatMap(({ runIds }) => [...runIds])),
    fresh: chunks.flatMap(({ fresh }) => fresh),
    afterCommit: async () => {
      for (const { afterCommit } of chunks) await afterCommit();
    },
  };
}

function insertAlone(parts: KeyedInsertParts, wanted: readonly Wanted[]): Promise<KeyedInsert> {
  const { knex, dialect } = parts;
  return repeating('createProgram', () =>
    inOwnTransaction(knex, async (trx) => {
      await dialect.beginWork(trx);
      return insertChunk(parts, wanted, trx);
    }),
  );
}

async function insertChunk(
  { dialect, tables, lines }: KeyedInsertParts,
  wanted: readonly Wanted[],
  trx: Knex.Transaction,
): Promise<KeyedInsert> {
  const { runIds, fresh } = await new KeyTaking(trx, tables, dialect.terms).take(wanted);
  return { runIds, fresh, afterCommit: await insertWithin(trx, dialect, lines, fresh) };
}
