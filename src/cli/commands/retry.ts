import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import type { Action } from './action.js';

/** `retry`: starts again what errored. */
export function retryCommand(run: Action): Command {
  return new Command('retry')
    .description('start all errored programs of a batch again, each from the job that failed')
    .requiredOption('--batch <code>', 'the batch')
    .action((_flags, command: Command) => run(() => retry(command)));
}

async function retry(command: Command): Promise<ExitCode> {
  const settings = await readSettings<{ batch: string }>(command);
  const { batch } = settings.flags;
  const programs = await withExisting(settings, ({ executor }) => executor.batches.retryErrored(batch));
  print(settings.flags, `retrying ${programs} programs of batch ${batch}`, { batch, programs });
  return EXIT.ok;
}
