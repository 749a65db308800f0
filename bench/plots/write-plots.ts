import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT_FOLDER } from '../harness/root-folder.js';
import type { ScenarioResult } from '../report/write-results.js';
import { drawPlots } from './draw-plots.js';

const FOLDER = join(ROOT_FOLDER, 'docs', 'explanation', 'performance');

/** Draws what the documentation shows; plots of scenarios that did not run stay as they are. */
export function writePlots(results: readonly ScenarioResult[]): void {
  mkdirSync(FOLDER, { recursive: true });
  for (const [fileName, svg] of Object.entries(drawPlots(results)))
    writeFileSync(join(FOLDER, fileName), svg);
}
