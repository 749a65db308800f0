import { Command } from 'commander';
import type { Action } from './commands/action.js';
import { cancelCommand } from './commands/cancel.js';
import { createCommand } from './commands/create.js';
import { migrateCommand } from './commands/migrate.js';
import { mockApiCommand } from './commands/mock-api.js';
import { pruneCommand } from './commands/prune.js';
import { resumeCommand } from './commands/resume.js';
import { showCommand } from './commands/show.js';
import { workerCommand } from './commands/worker.js';
import { addGlobalFlags } from './settings/flags.js';

const COMMANDS = [
  workerCommand,
  createCommand,
  showCommand,
  cancelCommand,
  resumeCommand,
  pruneCommand,
  migrateCommand,
  mockApiCommand,
];

const EXIT_CODES_HELP = `
Settings come from the configuration file, the environment and flags; the later win.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 130 stopped by SIGINT, 143 by SIGTERM.
DEBUG=program-executor* prints logs; with any DEBUG, errors come with their stack.`;

/** The command line as a whole; parsing errors are thrown as CommanderError. */
export function buildProgram(version: string, run: Action): Command {
  const program = new Command('program-executor')
    .description('Durable sequential programs: create, run and look after them')
    .version(version)
    .addHelpText('after', EXIT_CODES_HELP);
  addGlobalFlags(program);
  for (const build of COMMANDS) program.addCommand(build(run));
  for (const command of [program, ...program.commands])
    command.exitOverride().configureHelp({ showGlobalOptions: true });
  return program;
}
