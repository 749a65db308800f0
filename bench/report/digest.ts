import type { Series } from '../harness/measurement.js';
import { quantile } from '../statistics/summary.js';

/** Median over the runs of what each process took for one program, in microseconds of CPU time. */
export function cpuMicrosPerProgram({ measurements }: Series): Record<string, number> {
  return medians(
    measurements.map(({ cpuMs, programs }) =>
      Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, (ms * 1_000) / programs])),
    ),
  );
}

export function medianFigures({ measurements }: Series): Record<string, number> {
  return medians(measurements.map(({ figures = {} }) => figures));
}

function medians(records: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return Object.fromEntries(
    names.map((name) => [
      name,
      quantile(
        records.flatMap((record) => record[name] ?? []),
        0.5,
      ),
    ]),
  );
}
