import type { BenchContext } from './bench-context.js';
import { newSeries, type Measurement, type Series } from './measurement.js';
import { reportFailure } from './report-failure.js';

/** One line of a scenario's table, and how to measure it once. */
export interface Trial {
  label: string;
  system: string;
  measure: () => Promise<Measurement>;
}

type OnMeasured = (trial: Trial, measurement: Measurement, run: number) => void;

/**
 * Runs the trials in turn, A B C A B C …, so that what changes on the machine meanwhile meets them all. One that fails
 * costs the others nothing; one that always fails is not in the result.
 */
export async function interleave(
  { options, signal }: Pick<BenchContext, 'options' | 'signal'>,
  trials: readonly Trial[],
  onMeasured: OnMeasured,
  runs = options.runs,
): Promise<Series[]> {
  const all = trials.map((trial) => ({ trial, series: newSeries(trial) }));
  for (let run = 1; run <= runs; run++)
    for (const { trial, series } of all)
      try {
        const measurement = await trial.measure();
        series.measurements.push(measurement);
        onMeasured(trial, measurement, run);
      } catch (error) {
        reportFailure(signal, `  run ${run}  ${trial.label}`, error);
      }
  return all.map(({ series }) => series).filter(({ measurements }) => measurements.length > 0);
}
