import { appendFileSync, readFileSync } from 'node:fs';
import type { Claim } from '../program-handler/index.js';
import type { Boundary } from './boundary.js';

/** The variable that names the journal to whatever a job runs in. */
export const JOURNAL_VARIABLE = 'PROGRAM_EXECUTOR_CRASH_TEST';

/** What a process writes down while it runs the program, in the order in which it happens. */
export type JournalEntry =
  | ({ kind: 'claim' } & Claim)
  | { kind: 'job'; job: string; step: number; attempt: number }
  | { kind: 'effect'; effect: string }
  | { kind: 'boundary'; boundary: Boundary };

type EntryOf<Kind extends JournalEntry['kind']> = Extract<JournalEntry, { kind: Kind }>;

/** At once and for good: whoever writes may be killed with the next statement. */
export function writeEntry(path: string, entry: JournalEntry): void {
  appendFileSync(path, `${JSON.stringify(entry)}\n`);
}

/** All entries so far; none where nobody wrote yet. */
export function readJournal(path: string): JournalEntry[] {
  const lines = readFileSync(path, { encoding: 'utf8', flag: 'a+' }).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalEntry);
}

export function entriesOf<Kind extends JournalEntry['kind']>(
  entries: readonly JournalEntry[],
  kind: Kind,
): EntryOf<Kind>[] {
  return entries.filter((entry): entry is EntryOf<Kind> => entry.kind === kind);
}
