import { resolve } from 'node:path';
import type { Knex } from 'knex';
import { InvalidProgramError, readProperty } from '../errors/index.js';
import type { CreateOptions } from '../jobs/job.js';
import { nameOf, shortened } from '../program/json-payload.js';
import { isIdentifier, MAX_NAME_LENGTH } from '../program/names.js';

const OPTIONS = new Set(['trx', 'runId', 'runAt', 'runAfter']);

/**
 * Checks what goes for all programs of a call, but for their times.
 * @throws InvalidProgramError naming the option
 */
export function checkCreateOptions(options: unknown, knex: Knex): asserts options is CreateOptions {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw new InvalidProgramError(
      'options',
      `expected { ${[...OPTIONS].join(', ')} }, got ${nameOf(options)}`,
    );
  checkKeys(options, OPTIONS, 'option; there are');
  const { runId, trx } = options as CreateOptions;
  if (runId !== undefined) checkRunId(runId);
  if (trx !== undefined) checkTransaction(trx, knex);
}

/** A misspelt name would be ignored in silence. */
export function checkKeys(given: object, known: ReadonlySet<string>, what: string): void {
  const unknown = Object.keys(given).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new InvalidProgramError(shortened(unknown), `unknown ${what} ${[...known].join(', ')}`);
}

/** @throws InvalidProgramError */
export function checkRunId(runId: unknown): asserts runId is string {
  if (isIdentifier(runId)) return;
  throw new InvalidProgramError(
    'runId',
    `expected a text of 1 to ${MAX_NAME_LENGTH} characters, without NUL and not ending in a space`,
  );
}

/** Written elsewhere, or after a commit, the program would never be seen. */
function checkTransaction(trx: unknown, knex: Knex): void {
  if (typeof trx !== 'function' || readProperty(trx, 'isTransaction') !== true)
    throw new InvalidProgramError('trx', 'expected a transaction, as knex.transaction() gives it');
  const transaction = trx as unknown as Knex.Transaction;
  if (transaction.isCompleted())
    throw new InvalidProgramError('trx', 'is over already; create the program before it is committed');
  const [theirs, ours] = [databaseOf(transaction), databaseOf(knex)];
  if (theirs.dialect !== ours.dialect || (theirs.name && ours.name && theirs.name !== ours.name))
    throw new InvalidProgramError(
      'trx',
      'belongs to another database; begin it on that of the executor, which has the table',
    );
}

/** As far as can be told from its settings. */
function databaseOf({ client }: Knex): { dialect: string; name: string | undefined } {
  const { dialect, connectionSettings } = client as { dialect: string; connectionSettings?: unknown };
  const filename = readProperty(connectionSettings, 'filename');
  const database = readProperty(connectionSettings, 'database');
  if (typeof filename === 'string') return { dialect, name: resolve(filename) };
  return { dialect, name: typeof database === 'string' ? database : undefined };
}
