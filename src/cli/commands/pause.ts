import { Command } from 'commander';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import {
  addTargets,
  describeTarget,
  namedIn,
  requireOpenBatch,
  requirePool,
  targetOf,
  type Target,
} from '../target.js';
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
  print(settings.flags, `paused ${describeTarget(target)}`, { ...namedIn(target), paused: true });
  return EXIT.ok;
}

async function pauseTarget(executor: ProgramExecutor, target: Target): Promise<void> {
  if (target.kind === 'all') await executor.pause();
  if (target.kind === 'pool') await pausePool(executor, target.name);
  if (target.kind === 'batch') await pauseBatch(executor, target.code);
}

async function pausePool(executor: ProgramExecutor, name: string): Promise<void> {
  await requirePool(executor, name);
  await executor.pools.pause(name);
}

async function pauseBatch(executor: ProgramExecutor, code: string): Promise<void> {
  await requireOpenBatch(executor, code, 'paused');
  await executor.batches.pause(code);
}
