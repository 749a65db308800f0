import type { JobDataWrite, NewProgram } from './dialect.js';

/**
 * Groups whose rows carry payloads travel as one JSON parameter, with the columns' names for fields. Payloads
 * are JSON already; they are put in as they are.
 */

export function jobDataJson(writes: readonly JobDataWrite[]): string {
  const rows = writes.map(
    ({ id, fence, claimedBy, jobData }) =>
      `{"id":${id},"fence":${fence},"holder":${JSON.stringify(claimedBy)},"data":${jobData}}`,
  );
  return `[${rows.join(',')}]`;
}

export function programsJson(programs: readonly NewProgram[]): string {
  const rows = programs.map(
    ({ runId, isEmpty, jobs, programData, jobData, dueAt, delayMs, fence, line }) =>
      `{"run_id":${JSON.stringify(runId)},"jobs":${jobs},"program_data":${programData},"job_data":${jobData},` +
      `"due_at":${dueAt},"delay_ms":${delayMs},"fence":${fence},"finished":${isEmpty ? 1 : 0}${linedJson(line)}}`,
  );
  return `[${rows.join(',')}]`;
}

function linedJson(line: NewProgram['line']): string {
  if (!line) return '';
  const { lineId, batchId, options } = line;
  return `,"line_id":${lineId},"batch_id":${batchId},"options":${JSON.stringify(options)}`;
}
