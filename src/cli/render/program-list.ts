import type { ListedProgram } from '../../program-handler/reports/index.js';
import { colourStatus, type Colours } from './colours.js';
import { oneLine, time } from './format.js';
import { table } from './table.js';

const HEAD = ['ID', 'Batch', 'Job', 'Status', 'Attempts', 'Created', 'Ended', 'Error'];
const ERROR_LENGTH = 60;

export function renderPrograms(programs: readonly ListedProgram[], colours: Colours): string {
  if (programs.length === 0) return 'No programs found matching the criteria.';
  return table(
    HEAD,
    programs.map((program) => rowOf(program, colours)),
  );
}

function rowOf(program: ListedProgram, colours: Colours): string[] {
  const { runId, batch, job, status, attempts, maxAttempts, createdAt, endedAt, error } = program;
  return [
    oneLine(runId),
    oneLine(batch ?? '-'),
    oneLine(job ?? '-'),
    colourStatus(status, colours, status),
    `${attempts}/${maxAttempts ?? '-'}`,
    time(createdAt),
    time(endedAt),
    error === null ? '' : oneLine(error, ERROR_LENGTH),
  ];
}
