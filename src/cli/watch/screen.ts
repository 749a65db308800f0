import { createLogUpdate } from 'log-update';
import type { Colours } from '../render/colours.js';
import { errorsOf, more, renderFrame, renderLine, stuckOf } from './frame.js';
import type { Progress } from './progress.js';

/** Where a watched batch is shown. */
export interface Screen {
  /** Of the last errors, how many it wants at each look. */
  readonly mostErrors: number;
  show(progress: Progress): void;
  /** What was shown last stays. */
  end(): void;
}

const ERRORS_DRAWN = 3;
const ERRORS_APPENDED = 100;

/** Draws each look over the one before. */
export function redrawingScreen(stream: NodeJS.WriteStream, colours: Colours): Screen {
  const draw = createLogUpdate(stream);
  return {
    mostErrors: ERRORS_DRAWN,
    show: (progress) => draw(renderFrame(progress, colours, { columns: stream.columns, rows: stream.rows })),
    end: () => draw.done(),
  };
}

/** A line for each look at which programs have moved, and one for each error or stuck program that is new. */
export function appendingScreen(stream: NodeJS.WritableStream, colours: Colours): Screen {
  let moved: string | undefined;
  const newErrors = newErrorsFor(colours);
  let stuckThen: ReadonlySet<string> = new Set();
  return {
    mostErrors: ERRORS_APPENDED,
    show: (progress) => {
      const { status, counts } = progress.batch;
      const standing = JSON.stringify([status, counts]);
      const stuck = stuckOf(progress, colours);
      const lines = standing === moved ? [] : [renderLine(progress, colours)];
      lines.push(...newErrors(progress));
      lines.push(...stuck.filter(({ about }) => !stuckThen.has(about)).map(({ text }) => text));
      for (const line of lines) stream.write(`${line}\n`);
      moved = standing;
      stuckThen = new Set(stuck.map(({ about }) => about));
    },
    end: () => undefined,
  };
}

/** A line for each error that no look before had, and one for those that this look was not given. */
function newErrorsFor(colours: Colours): (progress: Progress) => string[] {
  const told = new Set<string>();
  let erroredThen = 0;
  return (progress) => {
    const { errored } = progress.batch.counts;
    const errors = errorsOf(progress, colours).filter(({ about }) => !told.has(about));
    for (const { about } of errors) told.add(about);
    const left = errors.length < ERRORS_APPENDED ? 0 : errored - erroredThen - errors.length;
    erroredThen = errored;
    const lines = errors.map(({ text }) => text);
    return left > 0 ? [...lines, more(left)] : lines;
  };
}

/** For programs: one object for each look. */
export function jsonScreen(stream: NodeJS.WritableStream): Screen {
  return {
    mostErrors: ERRORS_DRAWN,
    show: (progress) => void stream.write(`${JSON.stringify({ event: 'progress', ...progress })}\n`),
    end: () => undefined,
  };
}
