import type { Knex } from 'knex';
import { countRecorded, countRetried, readTotals, topLicences } from './bookkeeping.js';

interface Run {
  programs: number;
  /** What the killed worker had in its hands. */
  orphans: number;
  /** Until the other had them all. */
  orphanedMs: number;
  tookMs: number;
  databasePath: string;
}

/** Prints the table at the end; true when every program finished and was recorded exactly once. */
export async function printSummary(knex: Knex, run: Run): Promise<boolean> {
  const { finished, errored } = await readTotals(knex);
  const recorded = await countRecorded(knex);
  const licences = await topLicences(knex, 6);
  const seconds = run.tookMs / 1_000;
  printTable([
    ['programs finished', `${finished} of ${run.programs}`],
    ['programs errored', errored],
    ['programs retried', await countRetried(knex)],
    ['taken over from the dead worker', `${run.orphans}, in ${(run.orphanedMs / 1_000).toFixed(1)} s`],
    ['packages recorded, exactly once', recorded],
    ['seconds', seconds.toFixed(1)],
    ['programs per second', (run.programs / seconds).toFixed(0)],
    ['licences found', licences.map(([licence, packages]) => `${licence} ${packages}`).join(', ')],
    ['SQLite file', run.databasePath],
  ]);
  return finished === run.programs && errored === 0 && recorded === run.programs;
}

function printTable(rows: readonly (readonly [label: string, value: string | number])[]): void {
  const width = Math.max(...rows.map(([label]) => label.length));
  console.log('');
  for (const [label, value] of rows) console.log(`  ${label.padEnd(width)}  ${value}`);
}
