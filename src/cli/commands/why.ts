import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { oneLine } from '../render/format.js';
import type { Action } from './action.js';

/** `why`: says why a program is not running. */
export function whyCommand(run: Action): Command {
  return new Command('why')
    .description('say in one sentence why a program is not running, or that it is')
    .argument('<runId>', 'as create printed it')
    .action((runId: string, _flags, command: Command) => run(() => why(runId, command)));
}

async function why(runId: string, command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const answer = await withExisting(settings, ({ executor }) => executor.why(runId));
  print(settings.flags, () => oneLine(answer.message, Infinity), answer);
  return EXIT.ok;
}
