import { Command } from 'commander';
import type { CancelAllOptions } from '../../config/index.js';
import type { ProgramExecutor } from '../../program-executor.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { explainRefusal } from '../explain-refusal.js';
import { wholeNumberIn } from '../number-of.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import {
  addTargets,
  describeTarget,
  namedIn,
  requireCancellableBatch,
  requirePool,
  targetOf,
  type Target,
} from '../target.js';
import { UsageError } from '../usage-error.js';
import type { Action } from './action.js';

interface CancelFlags {
  reason?: string;
  limit?: number;
}

/** `cancel`: ends what has not ended yet. */
export function cancelCommand(run: Action): Command {
  const command = new Command('cancel')
    .description(
      'end programs as errored, or a batch with all its programs; running jobs are told by their signal',
    )
    .option('--reason <text>', 'kept as the error message')
    .option('--limit <n>', 'with --pool or --all: so many at most, the newest', wholeNumberIn(1, 1e9));
  return addTargets(command, ['program', 'batch', 'pool', 'all']).action((_runId, _flags, self: Command) =>
    run(() => cancel(self)),
  );
}

async function cancel(command: Command): Promise<ExitCode> {
  const settings = await readSettings<CancelFlags>(command);
  const { flags } = settings;
  const target = targetOf(command);
  if (flags.limit !== undefined && target.kind !== 'pool' && target.kind !== 'all')
    throw new UsageError('--limit is for --pool and --all');
  const programs = await withExisting(settings, ({ executor }) => cancelTarget(executor, target, flags));
  const count = target.kind === 'program' ? '' : `: ${programs} programs`;
  print(flags, () => `cancelled ${describeTarget(target)}${count}`, {
    ...namedIn(target),
    cancelled: true,
    programs,
  });
  return EXIT.ok;
}

/** Resolves with how many programs there were. */
async function cancelTarget(executor: ProgramExecutor, target: Target, flags: CancelFlags): Promise<number> {
  if (target.kind === 'program') return cancelProgram(executor, target.runId, flags);
  if (target.kind === 'batch') return cancelBatch(executor, target.code, flags);
  if (target.kind === 'pool') await requirePool(executor, target.name);
  const pool = target.kind === 'pool' ? { pool: target.name } : {};
  return executor.cancelAll({ ...pool, ...givenOf(flags) });
}

async function cancelProgram(executor: ProgramExecutor, runId: string, { reason }: CancelFlags): Promise<1> {
  const cancelled = await executor.cancelProgram(runId, reason);
  if (!cancelled) throw explainRefusal('cancelled', runId, await executor.getProgram(runId));
  return 1;
}

async function cancelBatch(
  executor: ProgramExecutor,
  code: string,
  { reason }: CancelFlags,
): Promise<number> {
  await requireCancellableBatch(executor, code);
  return executor.batches.cancel(code, reason);
}

function givenOf({ reason, limit }: CancelFlags): CancelAllOptions {
  return { ...(reason !== undefined && { reason }), ...(limit !== undefined && { limit }) };
}
