import { CommanderError } from 'commander';
import { messageOf, readProperty } from '../errors/index.js';

/** Prints one line to stderr (with `--json`, one JSON object); the stack too where `DEBUG` is set. */
export function reportError(error: unknown, options: { json: boolean }): void {
  // Commander has printed its own.
  if (error instanceof CommanderError) return;
  process.stderr.write(`${options.json ? jsonLine(error) : `error: ${lineOf(error)}`}\n`);
  if (process.env['DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
}

function jsonLine(error: unknown): string {
  return JSON.stringify({ error: { code: readProperty(error, 'code'), message: lineOf(error) } });
}

/** What an error says, in one line. */
export function lineOf(error: unknown): string {
  return textOf(error).replaceAll(/\s*\n\s*/g, ' ');
}

/** A refused connection is an AggregateError with an empty message around one error for each address. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0)
    return textOf(error.errors[0]);
  return messageOf(error);
}
