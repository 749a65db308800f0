import { messageOf, readProperty } from '../errors/index.js';

const lost = new AbortController();

/** Aborted once stdout cannot be written any more; its reason is the error of the first write that failed. */
export const outputLost: AbortSignal = lost.signal;

/** To be called before anything is printed: nobody else listens for errors of stdout and stderr. */
export function noticeLostOutput(): void {
  process.stdout.on('error', (error) => lost.abort(error));
  // There is nowhere left to tell it.
  process.stderr.on('error', () => undefined);
}

/**
 * That all that was printed has arrived. A reader that went away (`… | head`) has what it wanted.
 * @throws Error where the system refused a write, as on a full disk
 */
export function requireOutput(): void {
  const reason: unknown = outputLost.reason;
  if (outputLost.aborted && readProperty(reason, 'code') !== 'EPIPE')
    throw new Error(`The output cannot be written: ${messageOf(reason)}`, { cause: reason });
}
