import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { explainRefusal } from '../explain-refusal.js';
import type { Action } from './action.js';

/** `resume`: lets an errored program go on. */
export function resumeCommand(run: Action): Command {
  return new Command('resume')
    .description('let an errored program go on from the job that failed')
    .argument('<runId>', 'as create printed it')
    .action((runId: string, _flags, command: Command) => run(() => resume(runId, command)));
}

async function resume(runId: string, command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  await withExisting(settings, async ({ executor }) => {
    const resumed = await executor.resumeProgram(runId);
    if (!resumed) throw explainRefusal('resumed', runId, await executor.getProgram(runId));
  });
  print(settings.flags, `resumed ${runId}`, { runId, resumed: true });
  return EXIT.ok;
}
