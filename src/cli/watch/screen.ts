import { createLogUpdate } from 'log-update';
import { PLAIN, type Colours } from '../render/colours.js';
import { renderFrame, renderLine } from './frame.js';
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

/** A line for each look that has something new. */
export function appendingScreen(stream: NodeJS.WritableStream, colours: Colours): Screen {
  let shown: string | undefined;
  return {
    show: (progress) => {
      // The time at the beginning of the line is always new.
      const news = renderLine(progress, PLAIN).replace(/^\S+/, '');
      if (news !== shown) stream.write(`${renderLine(progress, colours)}\n`);
      shown = news;
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
