import type { Trial } from '../harness/interleave.js';
import type { Measurement } from '../harness/measurement.js';
import { formatNumber } from './format.js';

/** One line for each measurement, as it comes. */
export function printMeasured(unit: string): (trial: Trial, measurement: Measurement, run: number) => void {
  return ({ label }, { value }, run) => {
    console.log(`  run ${run}  ${label.padEnd(48)} ${formatNumber(value).padStart(9)} ${unit}`);
  };
}
