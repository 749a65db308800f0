import { endedOf } from '../../program-handler/reports/index.js';
import { stuckLine } from '../render/batch-report.js';
import { colourStatus, type Colours } from '../render/colours.js';
import { duration, oneLine, percent, perSecond, time } from '../render/format.js';
import type { Progress } from './progress.js';

const BAR_WIDTH = 40;
const MESSAGE_LENGTH = 100;

/** A batch as several lines, to be drawn in place. */
export function renderFrame(progress: Progress, colours: Colours): string {
  const { batch } = progress;
  return [
    `${colours.bold(oneLine(batch.code))}  ${colourStatus(batch.status, colours, batch.status)}`,
    `${bar(progress, colours)} ${share(progress)}`,
    counts(progress, colours),
    pace(progress),
    ...warningsOf(progress, colours).map(({ text }) => text),
  ].join('\n');
}

/** A batch as one line, to be put below the others. */
export function renderLine(progress: Progress, colours: Colours): string {
  const { status } = progress.batch;
  const parts = [
    time(new Date()),
    colourStatus(status, colours, status),
    share(progress),
    counts(progress, colours),
    pace(progress),
  ];
  return parts.join('  ');
}

/** Something about one program that people should know. */
export interface Warning {
  readonly about: string;
  readonly text: string;
}

export function warningsOf({ lastErrors, stuck }: Progress, colours: Colours): Warning[] {
  return [
    ...lastErrors.map(({ runId, message }) => ({
      about: `error of ${runId}`,
      text: colours.red(`  error  ${oneLine(runId)}: ${oneLine(message, MESSAGE_LENGTH)}`),
    })),
    ...stuck.map((program) => ({
      about: `stuck ${program.runId}`,
      text: colours.yellow(`  stuck  ${stuckLine(program)}`),
    })),
  ];
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

function counts({ batch: { counts: programs } }: Progress, colours: Colours): string {
  return (['finished', 'errored', 'cancelled', 'running', 'waiting'] as const)
    .map((status) => colourStatus(status, colours, `${programs[status]} ${status}`))
    .join('  ');
}

function pace({ throughputPerSecond, timeLeftMs }: Progress): string {
  const left = timeLeftMs === null ? '' : `  ${duration(Math.ceil(timeLeftMs / 1_000) * 1_000)} left`;
  return `${perSecond(throughputPerSecond)}${left}`;
}
