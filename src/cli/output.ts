import { setImmediate as nextTurn } from 'node:timers/promises';
import { requireOutput } from './lost-output.js';

/**
 * Prints a result to stdout: text for people, or with `--json` one line of JSON for programs.
 * @param render makes the text; not called with `--json`, as drawing a long table takes its time
 */
export function print(options: { json?: boolean }, render: () => string, value: unknown): void {
  process.stdout.write(`${options.json ? JSON.stringify(value) : render()}\n`);
}

/**
 * Ends when what the work has printed is read or nobody reads it: the end of the process drops what a pipe still holds.
 * @throws Error where it could not be written, as on a full disk
 */
export async function thenFlush<T>(work: () => Promise<T>): Promise<T> {
  const result = await work().finally(flushed);
  requireOutput();
  return result;
}

async function flushed(): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  // The error of a write is told after its callback.
  await nextTurn();
}
