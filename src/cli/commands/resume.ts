import { Command } from 'commander';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { explainRefusal } from '../explain-refusal.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { addTargets, describeTarget, namedIn, requireOpenBatch, targetOf, type Target } from '../target.js';
import type { Action } from './action.js';

/** `resume`: lets go on what errored, was paused or interrupted. */
export function resumeCommand(run: Action): Command {
  const command = new Command('resume').description(
    'let go on: an errored program from the job that failed, or a batch or pool that was stopped',
  );
  return addTargets(command, ['program', 'batch', 'pool']).action((_runId, _flags, self: Command) =>
    run(() => resume(self)),
  );
}

async function resume(command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const target = targetOf(command);
  await withExisting(settings, ({ executor }) => resumeTarget(executor, target));
  print(settings.flags, `resumed ${describeTarget(target)}`, { ...namedIn(target), resumed: true });
  return EXIT.ok;
}

async function resumeTarget(executor: ProgramExecutor, target: Target): Promise<void> {
  if (target.kind === 'pool') return executor.pools.resume(target.name);
  if (target.kind === 'batch') {
    await requireOpenBatch(executor, target.code, 'resumed');
    return executor.batches.resume(target.code);
  }
  const resumed = await executor.resumeProgram(target.runId);
  if (!resumed) throw explainRefusal('resumed', target.runId, await executor.getProgram(target.runId));
}
