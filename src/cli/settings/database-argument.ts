import type { Command } from 'commander';

const URL = /^(?:[a-z][a-z\d+.-]*:\/\/|(?:sqlite|file):)/i;
const SQLITE_FILE = /\.(?:sqlite3?|db3?)$/i;
const DATABASE_FLAG = /^--database-(?:url|path)(?:=|$)/;

/**
 * Writes a database that stands first among a command's arguments as the flag that means the same. It is known
 * by its form: a URL, or a path that ends as SQLite files do. Where a flag names the database, nothing is one.
 * @param args what the user wrote, from the command on
 */
export function databaseAsFlag(args: readonly string[], program: Command): string[] {
  const [, at] = operandPositions(args, program);
  const argument = at === undefined ? undefined : args[at];
  if (at === undefined || argument === undefined || args.some((arg) => DATABASE_FLAG.test(arg)))
    return [...args];
  const flag = flagFor(argument);
  return flag === undefined ? [...args] : [...args.slice(0, at), flag, argument, ...args.slice(at + 1)];
}

function flagFor(argument: string): string | undefined {
  if (URL.test(argument)) return '--database-url';
  return SQLITE_FILE.test(argument) ? '--database-path' : undefined;
}

/** Where the command and its arguments stand between the options and their values. */
function operandPositions(args: readonly string[], program: Command): number[] {
  const positions: number[] = [];
  let command = program;
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? '';
    if (arg === '--') break;
    if (arg.startsWith('-') && arg !== '-') {
      if (takesValue(arg, [program, command])) at += 1;
      continue;
    }
    if (positions.length === 0) command = program.commands.find((each) => each.name() === arg) ?? program;
    positions.push(at);
  }
  return positions;
}

function takesValue(flag: string, commands: readonly Command[]): boolean {
  return commands.some(({ options }) =>
    options.some((option) => option.required && [option.long, option.short].includes(flag)),
  );
}
