import type { ProgramView } from '../program/program.js';

/** A program as text for people, one line a field. */
export function describeProgram(program: ProgramView): string {
  const { runId, finishedAt, erroredAt, errorMessage, stepRetryCount } = program;
  const lines: [label: string, value: string | undefined][] = [
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
    ...Object.entries(program.jobData).map(([job, data]): [string, string] => [
      `data of ${job}`,
      JSON.stringify(data),
    ]),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.flatMap(([label, value]) => (value ? [`${label.padEnd(width)}  ${value}`] : [])).join('\n');
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
