import type { ScenarioResult } from '../report/write-results.js';
import type { Series } from '../harness/measurement.js';
import type { Table } from '../scenarios/scenario.js';
import { quantile } from '../statistics/summary.js';
import { drawBars } from './bars.js';
import { drawLines, type Line } from './lines.js';

/** The plots that these figures suffice for: SVG by file name. A table without figures leaves its plot as it is. */
export function drawPlots(results: readonly ScenarioResult[]): Record<string, string> {
  const plots = results.flatMap(({ scenario, tables }) =>
    tables.flatMap((table, index) => (table.series.length > 0 ? (DRAW[scenario]?.(table, index) ?? []) : [])),
  );
  return Object.fromEntries(plots);
}

type Plot = readonly [fileName: string, svg: string];

const DRAW: Record<string, (table: Table, index: number) => Plot[]> = {
  process: (table) => [bars('process.svg', table)],
  create: (table, index) => [bars(`create-${index + 1}.svg`, table)],
  growth: (table) => (table.title.startsWith('Backlog') ? [bars('backlog.svg', table)] : []),
  concurrency: (table) => [byConcurrency(table)],
  latency: (table) => [distributions(table)],
};

function bars(fileName: string, { title, unit, series }: Table): Plot {
  const rows = series.map((each) => ({
    label: each.label,
    value: median(each),
    isOurs: each.system === 'ours',
  }));
  return [fileName, drawBars(`${title}, ${unit}`, rows)];
}

const LIMIT = /, concurrency (\d+)$/;

function byConcurrency({ title, unit, series }: Table): Plot {
  const points = series.map((each) => ({
    label: each.label.replace(LIMIT, ''),
    x: Number(LIMIT.exec(each.label)?.[1] ?? 1),
    y: median(each),
  }));
  const labels = [...new Set(points.map(({ label }) => label))];
  const svg = drawLines({
    title,
    xTitle: 'concurrency (logarithmic)',
    yTitle: unit,
    xTicks: [1, 10, 100, 1_000],
    isLogX: true,
    lines: labels.map((label) => ({ label, points: points.filter((point) => point.label === label) })),
  });
  return ['concurrency.svg', svg];
}

/** Beyond this the slowest system would flatten all others. */
const MOST_SHOWN_MS = 15;

function distributions({ title, series }: Table): Plot {
  const svg = drawLines({
    title: title.replace(', p50', ', by share of the programs'),
    xTitle: 'percent of the programs that started sooner',
    yTitle: 'ms',
    xTicks: [0, 25, 50, 75, 90, 100],
    yMost: MOST_SHOWN_MS,
    lines: series.map(distributionLine),
  });
  return ['latency.svg', svg];
}

function distributionLine({ label, measurements }: Series): Line {
  const percents = Array.from({ length: 101 }, (_, percent) => percent);
  const at = (percent: number): number =>
    quantile(
      measurements.flatMap(({ distribution = [] }) => distribution[percent] ?? []),
      0.5,
    );
  return { label, points: percents.map((x) => ({ x, y: at(x) })) };
}

function median({ measurements }: Series): number {
  return quantile(
    measurements.map(({ value }) => value),
    0.5,
  );
}
