import type { ProgramView } from '../program/program.js';
import { oneLine } from './render/format.js';

type Line = readonly [label: string, value: string | undefined];

/** A program as text for people, one line a field. */
export function describeProgram(program: ProgramView): string {
  const { runId, finishedAt, erroredAt, errorMessage, stepRetryCount } = program;
  return inColumns([
    ['program', runId],
    ['status', statusOf(program)],
    [
      'jobs',
      program.jobs.map((job, step) => (!finishedAt && step === program.step ? `[${job}]` : job)).join(' → '),
    ],
    ['retries', stepRetryCount > 0 ? `${stepRetryCount} of the current job` : undefined],
    [erroredAt ? 'error' : 'last error', errorMessage ?? undefined],
    ['created', timeOf(program.createdAt)],
    ['updated', timeOf(program.updatedAt)],
    ['data', JSON.stringify(program.programData)],
    ...Object.entries(program.jobData).map(([job, data]): Line => [`data of ${job}`, JSON.stringify(data)]),
  ]);
}

/** Whole, but for what others wrote to move about on the terminal. */
function inColumns(lines: readonly Line[]): string {
  const safe = lines.map(
    ([label, value = '']) => [oneLine(label, Infinity), oneLine(value, Infinity)] as const,
  );
  const width = Math.max(...safe.map(([label]) => label.length));
  return safe.flatMap(([label, value]) => (value ? [`${label.padEnd(width)}  ${value}`] : [])).join('\n');
}

function statusOf({ finishedAt, erroredAt, step, jobs }: ProgramView): string {
  const finished = timeOf(finishedAt);
  if (finished) return `finished at ${finished}`;
  const errored = timeOf(erroredAt);
  return errored ? `errored at ${errored}` : `unfinished, at job ${step + 1} of ${jobs.length}`;
}

function timeOf(date: Date | null): string | undefined {
  return date?.toISOString();
}
