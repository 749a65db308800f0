import { stripVTControlCharacters } from 'node:util';
import { endedOf } from '../../program-handler/reports/index.js';
import { stuckLine } from '../render/batch-report.js';
import { colourStatus, type Colours } from '../render/colours.js';
import { duration, oneLine, percent, perSecond, time } from '../render/format.js';
import { cutLines } from '../render/table.js';
import type { Progress } from './progress.js';

const BAR_WIDTH = 40;
const GAP = '  ';
const MESSAGE_LENGTH = 100;

/** Of the terminal, in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A batch as several lines, to be drawn in place: no more than there is room for, so that its head is always seen. */
export function renderFrame(progress: Progress, colours: Colours, { columns, rows }: Size): string {
  const head = headOf(progress, colours, columns);
  const warnings = [...errorsOf(progress, colours), ...stuckOf(progress, colours)].map(({ text }) => text);
  // The cursor stands in a row of its own.
  const room = Math.max(1, rows - head.length - 1);
  return [...head, ...cutLines(cutList(warnings, room), columns)].join('\n');
}

function headOf(progress: Progress, colours: Colours, columns: number): string[] {
  const { code, status } = progress.batch;
  const [shownCode = ''] = cutLines([oneLine(code)], Math.max(1, columns - status.length - GAP.length));
  return [
    ...inLines([colours.bold(shownCode), colourStatus(status, colours, status)], columns),
    ...inLines([bar(progress, colours), share(progress)], columns, ' '),
    ...inLines(countsOf(progress, colours), columns),
    ...inLines([pace(progress)], columns),
  ];
}

/** Next to each other, as many as fit in a line. */
function inLines(parts: readonly string[], columns: number, gap = GAP): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)}${gap}${part}`;
    if (stripVTControlCharacters(longer).length <= columns) lines.splice(-1, 1, longer);
    else lines.push(part);
  }
  return lines;
}

/** As many as there is room for, the last of which may say how many more there are; one in any case. */
function cutList(lines: readonly string[], room: number): string[] {
  if (lines.length <= room) return [...lines];
  const shown = Math.max(1, room - 1);
  return [...lines.slice(0, shown), more(lines.length - shown)];
}

/** What stands for those that are not shown. */
export function more(count: number): string {
  return `  … and ${count} more`;
}

/** A batch as one line, to be put below the others. */
export function renderLine(progress: Progress, colours: Colours): string {
  const { status } = progress.batch;
  const parts = [
    time(new Date()),
    colourStatus(status, colours, status),
    share(progress),
    ...countsOf(progress, colours),
    pace(progress),
  ];
  return parts.join(GAP);
}

/** Something about one program that people should know. */
export interface Warning {
  /** The same for the same thing at another look. */
  readonly about: string;
  readonly text: string;
}

export function errorsOf({ lastErrors }: Progress, colours: Colours): Warning[] {
  return lastErrors.map(({ runId, message, erroredAt }) => ({
    about: `${erroredAt.getTime()} ${runId}`,
    text: colours.red(`  error  ${oneLine(runId)}: ${oneLine(message, MESSAGE_LENGTH)}`),
  }));
}

export function stuckOf({ stuck }: Progress, colours: Colours): Warning[] {
  return stuck.map((program) => ({
    about: program.runId,
    text: colours.yellow(`  stuck  ${stuckLine(program)}`),
  }));
}

function bar({ batch: { counts: programs } }: Progress, colours: Colours): string {
  const cells = (part: number) => Math.round((part / Math.max(1, programs.total)) * BAR_WIDTH);
  const finished = cells(programs.finished);
  const ended = cells(endedOf(programs));
  return (
    colours.green('█'.repeat(finished)) +
    colours.red('█'.repeat(ended - finished)) +
    '░'.repeat(BAR_WIDTH - ended)
  );
}

function share({ batch: { counts: programs } }: Progress): string {
  const ended = endedOf(programs);
  return `${percent(ended, programs.total)} (${ended}/${programs.total})`;
}

function countsOf({ batch: { counts: programs } }: Progress, colours: Colours): string[] {
  return (['finished', 'errored', 'cancelled', 'running', 'waiting'] as const).map((status) =>
    colourStatus(status, colours, `${programs[status]} ${status}`),
  );
}

function pace({ throughputPerSecond, timeLeftMs }: Progress): string {
  const left = timeLeftMs === null ? '' : `  ${duration(Math.ceil(timeLeftMs / 1_000) * 1_000)} left`;
  return `${perSecond(throughputPerSecond)}${left}`;
}
