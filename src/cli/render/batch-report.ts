import { STUCK_AFTER_MS, type BatchReport, type StuckProgram } from '../../program-handler/reports/index.js';
import { colourStatus, type Colours } from './colours.js';
import { duration, oneLine, percent, perSecond, time } from './format.js';
import { table } from './table.js';

type Field = readonly [label: string, value: string];

/** A report for people: a heading for each part that has something to say. */
export function renderReport(report: BatchReport, colours: Colours): string {
  const sections: [heading: string, text: string][] = [
    [`Batch ${oneLine(report.batch.code)}`, fields(overview(report, colours))],
    ['Programs', counts(report, colours)],
    ['Timing', fields(timing(report))],
    ['Errors', errors(report)],
    ['Retries', fields(retries(report))],
    ['Interruptions', interruptions(report)],
    [
      `Stuck, without progress for more than ${duration(STUCK_AFTER_MS)}`,
      report.stuck.map(stuckLine).join('\n'),
    ],
  ];
  return sections
    .filter(([, text]) => text !== '')
    .map(([heading, text]) => `${colours.bold(heading)}\n${indent(text)}`)
    .join('\n\n');
}

/** A program that is stuck, in one line. */
export function stuckLine({ runId, job, worker, stuckForMs }: StuckProgram): string {
  return `${oneLine(runId)} at ${oneLine(job ?? '-')} for ${duration(stuckForMs)}, by ${oneLine(worker)}`;
}

function overview({ batch }: BatchReport, colours: Colours): Field[] {
  const { type, status, createdAt, completedAt } = batch;
  const endMs = completedAt?.getTime() ?? Date.now();
  return [
    ['type', oneLine(type ?? '-')],
    ['status', colourStatus(status, colours, status)],
    ['created', time(createdAt)],
    ['completed', time(completedAt)],
    ['duration', duration(endMs - createdAt.getTime())],
  ];
}

function counts({ batch }: BatchReport, colours: Colours): string {
  const { total, retried: _, ...others } = batch.counts;
  const rows = (['waiting', 'running', 'finished', 'errored', 'cancelled'] as const).map((status) => [
    colourStatus(status, colours, status),
    others[status],
    percent(others[status], total),
  ]);
  return table(['', '', ''], [['total', total, ''], ...rows]).trimStart();
}

function timing({ timing: measured, throughputPerSecond }: BatchReport): Field[] {
  const { executions, averageMs, minMs, maxMs } = measured;
  if (averageMs === null || minMs === null || maxMs === null) return [];
  return [
    ['job executions', String(executions)],
    ['average', duration(averageMs)],
    ['shortest', duration(minMs)],
    ['longest', duration(maxMs)],
    ['throughput', `${perSecond(throughputPerSecond)} programs`],
  ];
}

function errors({ errors: patterns }: BatchReport): string {
  if (patterns.length === 0) return '';
  return table(
    ['Count', 'Pattern', 'Example'],
    patterns.map(({ count, pattern, example }) => [count, oneLine(pattern, 70), oneLine(example, 70)]),
  );
}

function retries({ batch, timing: { mostAttempts }, retries: retried }: BatchReport): Field[] {
  if (batch.counts.retried === 0 && retried.programs === 0) return [];
  return [
    ['retries', String(batch.counts.retried)],
    ['programs retried', String(retried.programs)],
    ['of these finished', `${retried.finished} (${percent(retried.finished, retried.programs)})`],
    ['of these errored', `${retried.errored} (${percent(retried.errored, retried.programs)})`],
    ['most attempts', String(mostAttempts)],
  ];
}

function interruptions({ interruptions: rows }: BatchReport): string {
  return rows
    .map(({ createdAt, reason, message }) => `${time(createdAt)}  ${oneLine(reason)}: ${oneLine(message)}`)
    .join('\n');
}

function fields(lines: readonly Field[]): string {
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, value]) => `${label.padEnd(width)}  ${value}`).join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
