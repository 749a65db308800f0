import type { GroupTransaction } from '../dialects/dialect.js';
import type { SqlTerms } from '../dialects/sql-terms.js';

/**
 * Locks the keys of programs that are to be deleted, and waits for none: a caller's transaction may hold one and want
 * another, so that both would wait for ever. Resolves with the `runId`s of programs whose keys somebody else has.
 * @param keys the table of keys
 */
export async function lockKeysOf(
  runIds: readonly string[],
  keys: string,
  trx: GroupTransaction,
  { quote, amongTexts, skipLocked }: SqlTerms,
): Promise<Set<string>> {
  if (runIds.length === 0) return new Set();
  const select = `select idempotency_key, run_id from ${quote(keys)} where`;
  const ofPrograms = amongTexts('run_id', runIds);
  const found = await trx.read(`${select} ${ofPrograms.text}`, ofPrograms.values);
  if (found.length === 0) return new Set();
  const keyOf = (row: (typeof found)[number]) => String(row['idempotency_key']);
  const these = amongTexts('idempotency_key', found.map(keyOf));
  const locked = await trx.read(`${select} ${these.text} ${skipLocked}`, these.values);
  const mine = new Set(locked.map(keyOf));
  return new Set(found.filter((row) => !mine.has(keyOf(row))).map((row) => String(row['run_id'])));
}
