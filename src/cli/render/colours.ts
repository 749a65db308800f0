import picocolors from 'picocolors';
import type { BatchStatus, ProgramStatus } from '../../program-handler/reports/index.js';

export type Colours = ReturnType<typeof picocolors.createColors>;

/** Colours for people who look at a terminal; none where the output goes elsewhere or `NO_COLOR` is set. */
export function coloursFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Colours {
  return picocolors.createColors(stream.isTTY === true && !env['NO_COLOR']);
}

type Colour = 'green' | 'red' | 'yellow' | 'cyan';

const COLOURS: Readonly<Record<BatchStatus | ProgramStatus, Colour>> = {
  completed: 'green',
  finished: 'green',
  failed: 'red',
  errored: 'red',
  cancelled: 'red',
  interrupted: 'red',
  running: 'yellow',
  paused: 'yellow',
  pending: 'cyan',
  waiting: 'cyan',
};

export function colourStatus(status: BatchStatus | ProgramStatus, colours: Colours, text: string): string {
  return colours[COLOURS[status]](text);
}
