import { Command } from 'commander';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { addTargets, describeTarget, namedIn, requireTarget, targetOf, type Target } from '../target.js';
import type { Action } from './action.js';

/** `pause`: lets nothing more start. */
export function pauseCommand(run: Action): Command {
  const command = new Command('pause').description(
    'start nothing more until it is resumed; what runs goes on',
  );
  return addTargets(command, ['batch', 'pool', 'all']).action((_flags, self: Command) =>
    run(() => pause(self)),
  );
}

async function pause(command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const target = targetOf(command);
  await withExisting(settings, ({ executor }) => pauseTarget(executor, target));
  print(settings.flags, () => `paused ${describeTarget(target)}`, { ...namedIn(target), paused: true });
  return EXIT.ok;
}

async function pauseTarget(executor: ProgramExecutor, target: Target): Promise<void> {
  await requireTarget(executor, target, 'paused');
  if (target.kind === 'all') await executor.pause();
  if (target.kind === 'pool') await executor.pools.pause(target.name);
  if (target.kind === 'batch') await executor.batches.pause(target.code);
}
