import type { ProgramData } from './driver.js';
import { nowMs } from './clock.js';

const PADDING = 'x'.repeat(120);

/** About 200 bytes of JSON, which say when they were made. */
export function makeProgramData(index: number): ProgramData {
  return { createdAtMs: nowMs(), index, kind: 'benchmark', customer: 'customer-4711', text: PADDING };
}

export function makeManyProgramData(count: number): ProgramData[] {
  return Array.from({ length: count }, (_, index) => makeProgramData(index));
}
