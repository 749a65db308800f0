import { Command } from 'commander';
import { ProgramNotFoundError } from '../../errors/index.js';
import { describeProgram } from '../describe-program.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import type { Action } from './action.js';

/** `show`: prints one program. */
export function showCommand(run: Action): Command {
  return new Command('show')
    .description('print a program: where it stands, what it was given, why it failed')
    .argument('<runId>', 'as create printed it')
    .action((runId: string, _flags, command: Command) => run(() => show(runId, command)));
}

async function show(runId: string, command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const program = await withExisting(settings, ({ executor }) => executor.getProgram(runId));
  if (!program) throw new ProgramNotFoundError(runId);
  print(settings.flags, () => describeProgram(program), program);
  return EXIT.ok;
}
