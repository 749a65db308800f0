import { newSeries, type Measurement, type Series } from './measurement.js';

/** One line of a scenario's table, and how to measure it once. */
export interface Trial {
  label: string;
  system: string;
  measure: () => Promise<Measurement>;
}

/** Runs the trials in turn, A B C A B C …, so that what changes on the machine meanwhile meets them all. */
export async function interleave(
  trials: readonly Trial[],
  runs: number,
  onMeasured: (trial: Trial, measurement: Measurement, run: number) => void,
): Promise<Series[]> {
  const series = trials.map((trial) => newSeries(trial));
  for (let run = 1; run <= runs; run++)
    for (const [index, trial] of trials.entries()) {
      const measurement = await trial.measure();
      series[index]?.measurements.push(measurement);
      onMeasured(trial, measurement, run);
    }
  return series;
}
