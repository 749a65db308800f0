import { createLogUpdate } from 'log-update';
import type { Colours } from '../render/colours.js';
import { renderFrame, renderLine, warningsOf, type Warning } from './frame.js';
import type { Progress } from './progress.js';

/** Where a watched batch is shown. */
export interface Screen {
  show(progress: Progress): void;
  /** What was shown last stays. */
  end(): void;
}

/** Draws each look over the one before. */
export function redrawingScreen(stream: NodeJS.WriteStream, colours: Colours): Screen {
  const draw = createLogUpdate(stream);
  return { show: (progress) => draw(renderFrame(progress, colours)), end: () => draw.done() };
}

/** A line for each look at which programs have moved, and one for each error or stuck program that is new. */
export function appendingScreen(stream: NodeJS.WritableStream, colours: Colours): Screen {
  let moved: string | undefined;
  let warned: readonly Warning[] = [];
  const isNew = ({ about }: Warning) => !warned.some((warning) => warning.about === about);
  return {
    show: (progress) => {
      const { status, counts } = progress.batch;
      const warnings = warningsOf(progress, colours);
      const standing = JSON.stringify([status, counts]);
      const lines = warnings.filter(isNew).map(({ text }) => text);
      if (standing !== moved) lines.unshift(renderLine(progress, colours));
      for (const line of lines) stream.write(`${line}\n`);
      moved = standing;
      warned = warnings;
    },
    end: () => undefined,
  };
}

/** For programs: one object for each look. */
export function jsonScreen(stream: NodeJS.WritableStream): Screen {
  return {
    show: (progress) => void stream.write(`${JSON.stringify({ event: 'progress', ...progress })}\n`),
    end: () => undefined,
  };
}
