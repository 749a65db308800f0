import { Command } from 'commander';
import type { Action } from './commands/action.js';
import { batchesCommand } from './commands/batches.js';
import { cancelCommand } from './commands/cancel.js';
import { createCommand } from './commands/create.js';
import { doctorCommand } from './commands/doctor.js';
import { interruptCommand } from './commands/interrupt.js';
import { listCommand } from './commands/list.js';
import { migrateCommand } from './commands/migrate.js';
import { mockApiCommand } from './commands/mock-api.js';
import { pauseCommand } from './commands/pause.js';
import { poolsCommand } from './commands/pools.js';
import { reportCommand } from './commands/report.js';
import { pruneCommand } from './commands/prune.js';
import { resumeCommand } from './commands/resume.js';
import { retryCommand } from './commands/retry.js';
import { showCommand } from './commands/show.js';
import { watchCommand } from './commands/watch.js';
import { workerCommand } from './commands/worker.js';
import { whyCommand } from './commands/why.js';
import { workersCommand } from './commands/workers.js';
import { interruptible } from './interruptible.js';
import { thenFlush } from './output.js';
import { addGlobalFlags } from './settings/flags.js';

/** They see to signals themselves. */
const SERVICES = [workerCommand, mockApiCommand];
const VERBS = [
  createCommand,
  showCommand,
  whyCommand,
  listCommand,
  reportCommand,
  watchCommand,
  doctorCommand,
  batchesCommand,
  poolsCommand,
  workersCommand,
  interruptCommand,
  pauseCommand,
  resumeCommand,
  retryCommand,
  cancelCommand,
  pruneCommand,
  migrateCommand,
];

/** What commander finds wrong is reported as every other error, not by itself. */
const SILENT = { writeErr: () => undefined };

const EXIT_CODES_HELP = `
Settings come from the configuration file, the environment and flags; the later win.
The database may also stand as the first argument of a command: a URL, or a file that ends in .sqlite or .db.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 4 findings, 130 stopped by SIGINT, 143 by SIGTERM.
DEBUG=program-executor* prints logs; with any DEBUG, errors come with their stack.`;

/** The command line as a whole; parsing errors are thrown as CommanderError. */
export function buildProgram(version: string, run: Action): Command {
  const program = new Command('program-executor')
    .description('Durable sequential programs: create, run and look after them')
    .version(version)
    .addHelpText('after', EXIT_CODES_HELP);
  addGlobalFlags(program);
  for (const build of SERVICES) program.addCommand(build(run));
  for (const build of VERBS)
    program.addCommand(build((work) => run(() => interruptible(() => thenFlush(work)))));
  for (const command of [program, ...program.commands])
    command.exitOverride().configureHelp({ showGlobalOptions: true }).configureOutput(SILENT);
  return program;
}
