import type { Series } from '../harness/measurement.js';
import type { Table } from '../scenarios/scenario.js';
import { summarise, type Summary } from '../statistics/summary.js';
import { cpuMicrosPerProgram, medianFigures } from './digest.js';
import { formatNumber } from './format.js';
import { layOut } from './table.js';

/** Figures, ratios of the same run, and where the CPU time went. */
export function printTable(table: Table): void {
  const reference = table.series.find(({ system }) => system === 'ours');
  const isThroughput = table.unit.endsWith('/s') && (table.isComparison ?? true);
  console.log(`\n  ${table.title}`);
  const head = [
    table.unit,
    'min',
    'median',
    'max',
    ...(isThroughput ? ['first ÷ this'] : []),
    ...figureNames(table),
  ];
  print([head, ...table.series.map((series) => figuresRow(series, table, isThroughput && reference))]);
  printCpu(table);
}

function figuresRow(series: Series, table: Table, reference: Series | false | undefined): string[] {
  const summary = summaryOf(series);
  const ratio = reference ? [`${formatNumber(summaryOf(reference).median / summary.median)} ×`] : [];
  const figures = medianFigures(series);
  const extra = figureNames(table).map((name) => (name in figures ? formatNumber(figures[name] ?? 0) : ''));
  return [series.label, ...[summary.min, summary.median, summary.max].map(formatNumber), ...ratio, ...extra];
}

function printCpu(table: Table): void {
  const names = [...new Set(table.series.flatMap((series) => Object.keys(cpuMicrosPerProgram(series))))];
  if (names.length === 0) return;
  const rows = table.series.map((series) => {
    const micros = cpuMicrosPerProgram(series);
    const total = Object.values(micros).reduce((sum, value) => sum + value, 0);
    return [
      series.label,
      ...names.map((name) => (name in micros ? formatNumber(micros[name] ?? 0) : '')),
      formatNumber(total),
    ];
  });
  console.log('');
  print([[`CPU µs a ${table.unit === 'jobs/s' ? 'job' : 'program'}, median`, ...names, 'all'], ...rows]);
}

function figureNames({ series }: Table): string[] {
  return [...new Set(series.flatMap((each) => Object.keys(medianFigures(each))))];
}

function summaryOf({ measurements }: Series): Summary {
  return summarise(measurements.map(({ value }) => value));
}

function print(rows: readonly string[][]): void {
  for (const line of layOut(rows)) console.log(`  ${line}`);
}
