import { Command } from 'commander';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { wholeNumberIn } from '../number-of.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { addTargets, describeTarget, namedIn, targetOf, type Target } from '../target.js';
import { UsageError } from '../usage-error.js';
import type { Action } from './action.js';

interface RetryFlags {
  fromStep?: number;
}

/** `retry`: starts again what has ended. */
export function retryCommand(run: Action): Command {
  const command = new Command('retry')
    .description(
      'start a program again, or all errored programs of a batch, from the job at which they stand',
    )
    .option('--from-step <n>', 'of a program: from this job on, the first is 0', wholeNumberIn(0, 1_000_000));
  return addTargets(command, ['program', 'batch']).action((_runId, _flags, self: Command) =>
    run(() => retry(self)),
  );
}

async function retry(command: Command): Promise<ExitCode> {
  const settings = await readSettings<RetryFlags>(command);
  const target = targetOf(command);
  if (target.kind !== 'program' && settings.flags.fromStep !== undefined)
    throw new UsageError('--from-step is for a single program');
  const programs = await withExisting(settings, ({ executor }) =>
    retryTarget(executor, target, settings.flags),
  );
  const text = `retrying ${programs} ${programs === 1 ? 'program' : 'programs'}: ${describeTarget(target)}`;
  print(settings.flags, () => text, { ...namedIn(target), programs });
  return EXIT.ok;
}

/** Resolves with how many programs there were. */
async function retryTarget(
  executor: ProgramExecutor,
  target: Target,
  { fromStep }: RetryFlags,
): Promise<number> {
  if (target.kind === 'batch') return executor.batches.retryErrored(target.code);
  if (target.kind !== 'program') return 0;
  await executor.retry(target.runId, fromStep === undefined ? {} : { fromStep });
  return 1;
}
