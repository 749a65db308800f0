import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_FOLDER } from '../harness/root-folder.js';
import type { Table } from '../scenarios/scenario.js';

export interface ScenarioResult {
  scenario: string;
  hypothesis: string;
  tables: Table[];
}

const FOLDER = join(ROOT_FOLDER, 'bench', 'results');
const FILE = join(FOLDER, `${new Date().toISOString().replace(/[:.]/g, '-')}.json`);

/** Keeps all figures of this run so far, in one file. */
export function writeResults(
  settings: Readonly<Record<string, string>>,
  results: readonly ScenarioResult[],
): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify({ settings, results }, null, 1)}\n`);
}
