import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { checkChoice, chosenBatch } from '../find-batch.js';
import { outputLost } from '../lost-output.js';
import { numberIn } from '../number-of.js';
import { withExisting, type Existing } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { renderReport } from '../render/batch-report.js';
import { coloursFor } from '../render/colours.js';
import type { GlobalFlags } from '../settings/flags.js';
import { UsageError } from '../usage-error.js';
import { appendingScreen, jsonScreen, redrawingScreen, type Screen } from '../watch/screen.js';
import { watchBatch } from '../watch/watch-batch.js';
import type { Action } from './action.js';

interface WatchFlags extends GlobalFlags {
  latest?: boolean;
  append?: boolean;
  /** In seconds, as is the next. */
  interval: number;
  timeout: number;
}

const ERRORS_REPORTED = 10;
const A_DAY_S = 86_400;

/** `watch`: shows a batch until it ends. */
export function watchCommand(run: Action): Command {
  return new Command('watch')
    .description('show how a batch gets on, until it ends')
    .argument('[batch]', 'its code')
    .option('--latest', 'the batch that was created last')
    .option('--interval <seconds>', 'between two looks', numberIn(0.1, A_DAY_S), 5)
    .option('--timeout <seconds>', 'gives up then, with exit code 1', numberIn(0.1, 20 * A_DAY_S), 3_600)
    .option('--append', 'print lines below each other, as when the output is no terminal')
    .action((code: string | undefined, _flags, command: Command) => run(() => watch(code, command)));
}

async function watch(code: string | undefined, command: Command): Promise<ExitCode> {
  const settings = await readSettings<WatchFlags>(command);
  const { latest, interval, timeout } = settings.flags;
  if (code === undefined && !latest) throw new UsageError('Give the code of a batch, or --latest');
  checkChoice({ code, latest });
  await withExisting(settings, async ({ reports }) => {
    const chosen = await chosenBatch(reports, { code, latest });
    const options = { intervalMs: interval * 1_000, timeoutMs: timeout * 1_000, unseen: outputLost };
    const ended = await watchBatch(reports, chosen.code, screenFor(settings.flags), options);
    if (ended) await printEnd(reports, ended, settings.flags);
  });
  return EXIT.ok;
}

function screenFor({ json, append }: WatchFlags): Screen {
  if (json) return jsonScreen(process.stdout);
  const colours = coloursFor(process.stdout, process.env);
  // A terminal without a size cannot be drawn on.
  const isDrawable = process.stdout.isTTY && process.stdout.rows > 0;
  if (isDrawable && !append) return redrawingScreen(process.stdout, colours);
  return appendingScreen(process.stdout, colours);
}

async function printEnd(
  reports: Existing['reports'],
  batch: Parameters<typeof reports.batchReport>[0],
  flags: WatchFlags,
): Promise<void> {
  const report = await reports.batchReport(batch, ERRORS_REPORTED);
  const render = () => `\n${renderReport(report, coloursFor(process.stdout, process.env))}`;
  print(flags, render, { event: 'ended', ...report });
}
