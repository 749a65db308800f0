import { Command, Option } from 'commander';
import { PROGRAM_STATUSES, type ProgramStatus } from '../../program-handler/reports/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { requireBatch } from '../find-batch.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { wholeNumberIn } from '../number-of.js';
import { print } from '../output.js';
import { coloursFor } from '../render/colours.js';
import { renderPrograms } from '../render/program-list.js';
import type { Action } from './action.js';

interface ListFlags {
  batch?: string;
  status?: ProgramStatus;
  type?: string;
  job?: string;
  limit: number;
}

/** `list`: the newest programs. */
export function listCommand(run: Action): Command {
  return new Command('list')
    .description('list programs, the newest first')
    .option('--batch <code>', 'of this batch')
    .addOption(new Option('--status <status>', 'with this status').choices(PROGRAM_STATUSES))
    .option('--type <type>', 'of batches of this type')
    .option('--job <name>', 'that stand at this job')
    .option('--limit <n>', 'at most so many', wholeNumberIn(1, 100_000), 100)
    .action((_flags, command: Command) => run(() => list(command)));
}

async function list(command: Command): Promise<ExitCode> {
  const settings = await readSettings<ListFlags>(command);
  const { batch, status, type, job, limit } = settings.flags;
  const programs = await withExisting(settings, async ({ reports }) => {
    const batchId = batch === undefined ? undefined : (await requireBatch(reports, batch)).id;
    return reports.programs({ batchId, status, type, job, limit });
  });
  const colours = coloursFor(process.stdout, process.env);
  print(settings.flags, () => renderPrograms(programs, colours), { programs });
  return EXIT.ok;
}
