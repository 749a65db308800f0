import { CommanderError } from 'commander';
import { DatabaseUnavailableError, readProperty } from '../errors/index.js';
import { wordsOf } from '../program-handler/index.js';
import { EXIT, exitCodeOf } from './exit-code.js';
import { oneLine } from './render/format.js';
import { UsageError } from './usage-error.js';

/** What of a URL names its user, in any text: as far as an `@`, as passwords are not always encoded. */
const CREDENTIALS = /\b([a-z][a-z\d+.-]{0,20}:\/\/)\S*@/gi;

/** An error may be its own cause. */
const MAX_STACKS = 6;

/** Prints one line to stderr (with `--json`, one JSON object); the stacks too where `DEBUG` is set. */
export function reportError(thrown: unknown, options: { json: boolean }): void {
  // Help and version were asked for, and are printed.
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return;
  const error = thrown instanceof CommanderError ? usageErrorOf(thrown) : thrown;
  process.stderr.write(`${options.json ? jsonLine(error) : `error: ${lineOf(error)}`}\n`);
  if (process.env['DEBUG'] && error instanceof Error)
    process.stderr.write(`${withoutCredentials(stacksOf(error).join('\ncaused by: '))}\n`);
}

/**
 * Its own, and those of its causes where jobs or configuration are at fault: where in a file that is, only they
 * know. What caused other errors may hold what is stored in the database.
 */
function stacksOf(error: Error): string[] {
  const stacks = [error.stack ?? ''];
  if (exitCodeOf(error) !== EXIT.usage) return stacks;
  for (let { cause } = error; cause instanceof Error && stacks.length < MAX_STACKS; cause = cause.cause)
    stacks.push(cause.stack ?? '');
  return stacks;
}

/** Without commander's code, which is no part of what is promised. */
function usageErrorOf({ code, message }: CommanderError): UsageError {
  if (code === 'commander.help') return new UsageError('expected a command: see --help');
  return new UsageError(message.replace(/^error: /, ''));
}

function jsonLine(error: unknown): string {
  return JSON.stringify({ error: { code: readProperty(error, 'code'), message: lineOf(error) } });
}

/** What an error says, in one line, without the credentials of URLs. */
export function lineOf(error: unknown): string {
  return oneLine(withoutCredentials(textOf(error)).replaceAll(/\s*\n\s*/g, ' '), Infinity);
}

/** A URL that was typed in the wrong place is repeated by what refuses it. */
function withoutCredentials(text: string): string {
  return text.replaceAll(CREDENTIALS, '$1…@');
}

/** A refused connection is an AggregateError with an empty message around one error for each address. */
function textOf(error: unknown): string {
  if (error instanceof DatabaseUnavailableError) return `${error.message}: ${textOf(error.cause)}`;
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0)
    return textOf(error.errors[0]);
  return wordsOf(error);
}
