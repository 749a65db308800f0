import { Command } from 'commander';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { explainRefusal } from '../explain-refusal.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { addTargets, describeTarget, namedIn, requireTarget, targetOf, type Target } from '../target.js';
import type { Action } from './action.js';

/** `resume`: lets go on what errored, was paused or interrupted. */
export function resumeCommand(run: Action): Command {
  const command = new Command('resume').description(
    'let go on: an errored program from the job that failed, or what was paused or interrupted',
  );
  return addTargets(command, ['program', 'batch', 'pool', 'all']).action((_runId, _flags, self: Command) =>
    run(() => resume(self)),
  );
}

async function resume(command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const target = targetOf(command);
  await withExisting(settings, ({ executor }) => resumeTarget(executor, target));
  print(settings.flags, () => `resumed ${describeTarget(target)}`, { ...namedIn(target), resumed: true });
  return EXIT.ok;
}

async function resumeTarget(executor: ProgramExecutor, target: Target): Promise<void> {
  await requireTarget(executor, target, 'resumed');
  if (target.kind === 'all') await executor.resume();
  if (target.kind === 'pool') await executor.pools.resume(target.name);
  if (target.kind === 'batch') await executor.batches.resume(target.code);
  if (target.kind === 'program') await resumeProgram(executor, target.runId);
}

async function resumeProgram(executor: ProgramExecutor, runId: string): Promise<void> {
  const resumed = await executor.resumeProgram(runId);
  if (!resumed) throw explainRefusal('resumed', runId, await executor.getProgram(runId));
}
