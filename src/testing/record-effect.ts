import { ConfigError } from '../errors/index.js';
import { JOURNAL_VARIABLE, writeEntry } from './journal.js';

/**
 * Tells a crash test that a job has just done something to the world. Call it beside the effect, in the same
 * turn of the event loop, with a name that is the same in each run: 'charge', or `mail to ${address}`. It is
 * on disk when this returns. Outside of `crashTest` it does nothing, so it may stay in the job.
 * @throws ConfigError, in a crash test, for a name that is no text
 */
export function recordEffect(name: string): void {
  const journal = process.env[JOURNAL_VARIABLE];
  if (journal === undefined) return;
  if (typeof name !== 'string' || name === '')
    throw new ConfigError('recordEffect', 'expected the name of the effect, a text that is not empty');
  writeEntry(journal, { kind: 'effect', effect: name });
}
