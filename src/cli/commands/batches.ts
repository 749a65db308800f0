import { Command, Option } from 'commander';
import { BATCH_STATUSES, type BatchStatus } from '../../program-handler/reports/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { wholeNumberIn } from '../number-of.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { renderBatches } from '../render/batch-list.js';
import { coloursFor } from '../render/colours.js';
import type { Action } from './action.js';

interface BatchesFlags {
  status?: BatchStatus;
  type?: string;
  limit: number;
}

/** `batches`: the newest batches. */
export function batchesCommand(run: Action): Command {
  return new Command('batches')
    .description('list batches, the newest first')
    .addOption(new Option('--status <status>', 'with this status').choices(BATCH_STATUSES))
    .option('--type <type>', 'of this type')
    .option('--limit <n>', 'at most so many', wholeNumberIn(1, 100_000), 100)
    .action((_flags, command: Command) => run(() => batches(command)));
}

async function batches(command: Command): Promise<ExitCode> {
  const settings = await readSettings<BatchesFlags>(command);
  const { status, type, limit } = settings.flags;
  const found = await withExisting(settings, ({ reports }) => reports.batches({ status, type, limit }));
  print(settings.flags, () => renderBatches(found, coloursFor(process.stdout, process.env)), {
    batches: found,
  });
  return EXIT.ok;
}
