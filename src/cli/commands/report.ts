import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { checkChoice, chosenBatch, type BatchChoice } from '../find-batch.js';
import { wholeNumberIn } from '../number-of.js';
import { withExisting, type Existing } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { renderBatches } from '../render/batch-list.js';
import { renderReport } from '../render/batch-report.js';
import { coloursFor } from '../render/colours.js';
import type { GlobalFlags } from '../settings/flags.js';
import type { Action } from './action.js';

interface ReportFlags {
  latest?: boolean;
  limitErrors: number;
}

/** `report`: a table of all batches, or all that is to be said about one. */
export function reportCommand(run: Action): Command {
  return new Command('report')
    .description('report on a batch, or list all batches')
    .argument('[batch]', 'its code; without: all batches')
    .option('--latest', 'the batch that was created last')
    .option('--limit-errors <n>', 'kinds of errors at most', wholeNumberIn(0, 10_000), 10)
    .action((code: string | undefined, _flags, command: Command) => run(() => report(code, command)));
}

async function report(code: string | undefined, command: Command): Promise<ExitCode> {
  const settings = await readSettings<ReportFlags>(command);
  const choice = { code, latest: settings.flags.latest };
  checkChoice(choice);
  await withExisting(settings, (existing) =>
    code === undefined && !choice.latest
      ? printBatches(existing, settings.flags)
      : printReport(existing, choice, settings.flags),
  );
  return EXIT.ok;
}

async function printBatches({ reports }: Existing, flags: GlobalFlags): Promise<void> {
  const batches = await reports.batches();
  print(flags, () => renderBatches(batches, coloursFor(process.stdout, process.env)), { batches });
}

async function printReport(
  { reports }: Existing,
  choice: BatchChoice,
  flags: GlobalFlags & ReportFlags,
): Promise<void> {
  const report = await reports.batchReport(await chosenBatch(reports, choice), flags.limitErrors);
  print(flags, () => renderReport(report, coloursFor(process.stdout, process.env)), report);
}
