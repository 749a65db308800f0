import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { explainRefusal } from '../explain-refusal.js';
import type { Action } from './action.js';

/** `cancel`: ends a program that has not ended yet. */
export function cancelCommand(run: Action): Command {
  return new Command('cancel')
    .description('end a program as errored; its running job is told by its signal')
    .argument('<runId>', 'as create printed it')
    .option('--reason <text>', 'kept as its error message')
    .action((runId: string, _flags, command: Command) => run(() => cancel(runId, command)));
}

async function cancel(runId: string, command: Command): Promise<ExitCode> {
  const settings = await readSettings<{ reason?: string }>(command);
  await withExisting(settings, async ({ executor }) => {
    const cancelled = await executor.cancelProgram(runId, settings.flags.reason);
    if (!cancelled) throw explainRefusal('cancelled', runId, await executor.getProgram(runId));
  });
  print(settings.flags, `cancelled ${runId}`, { runId, cancelled: true });
  return EXIT.ok;
}
