import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { requireOpenBatch } from '../target.js';
import type { Action } from './action.js';

/** `interrupt`: stops a batch, and keeps why. */
export function interruptCommand(run: Action): Command {
  return new Command('interrupt')
    .description('start nothing more of a batch until it is resumed; what runs goes on')
    .argument('<batch>', 'its code')
    .option('--reason <text>', 'kept with the interruption')
    .action((code: string, _flags, command: Command) => run(() => interrupt(code, command)));
}

async function interrupt(code: string, command: Command): Promise<ExitCode> {
  const settings = await readSettings<{ reason?: string }>(command);
  await withExisting(settings, async ({ executor }) => {
    await requireOpenBatch(executor, code, 'interrupted');
    await executor.batches.interrupt(code, settings.flags.reason);
  });
  print(settings.flags, () => `interrupted batch ${code}`, { batch: code, interrupted: true });
  return EXIT.ok;
}
