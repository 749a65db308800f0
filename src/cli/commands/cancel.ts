import { Command } from 'commander';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { explainRefusal } from '../explain-refusal.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { addTargets, requireOpenBatch, targetOf } from '../target.js';
import type { Action } from './action.js';

/** `cancel`: ends what has not ended yet. */
export function cancelCommand(run: Action): Command {
  const command = new Command('cancel')
    .description(
      'end a program as errored, or a batch with all its programs; running jobs are told by their signal',
    )
    .option('--reason <text>', 'kept as the error message');
  return addTargets(command, ['program', 'batch']).action((_runId, _flags, self: Command) =>
    run(() => cancel(self)),
  );
}

async function cancel(command: Command): Promise<ExitCode> {
  const settings = await readSettings<{ reason?: string }>(command);
  const { flags } = settings;
  const target = targetOf(command);
  await withExisting(settings, async ({ executor }) => {
    if (target.kind === 'program') {
      await cancelProgram(executor, target.runId, flags.reason);
      print(flags, `cancelled ${target.runId}`, { runId: target.runId, cancelled: true });
    } else if (target.kind === 'batch') {
      const programs = await cancelBatch(executor, target.code, flags.reason);
      const text = `cancelled batch ${target.code}, with ${programs} programs`;
      print(flags, text, { batch: target.code, cancelled: true, programs });
    }
  });
  return EXIT.ok;
}

async function cancelProgram(executor: ProgramExecutor, runId: string, reason?: string): Promise<void> {
  const cancelled = await executor.cancelProgram(runId, reason);
  if (!cancelled) throw explainRefusal('cancelled', runId, await executor.getProgram(runId));
}

async function cancelBatch(executor: ProgramExecutor, code: string, reason?: string): Promise<number> {
  await requireOpenBatch(executor, code, 'cancelled');
  return executor.batches.cancel(code, reason);
}
