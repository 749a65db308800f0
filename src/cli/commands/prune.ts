import { Command } from 'commander';
import type { PruneOptions } from '../../config/index.js';
import type { Pruned } from '../../program-handler/index.js';
import { durationMsOf } from '../duration-ms-of.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { numberOf } from '../number-of.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import type { Action } from './action.js';

interface PruneFlags {
  olderThan?: number;
  erroredOlderThan?: number;
  limit?: number;
  withTakenOver?: boolean;
  dryRun?: boolean;
}

/** `prune`: deletes programs that ended long ago. */
export function pruneCommand(run: Action): Command {
  return new Command('prune')
    .description('delete programs that ended long ago, with their attempts; by default what retention says')
    .option('--older-than <time>', 'finished ones that ended so long ago, such as 7d, 12h, 30m', durationMsOf)
    .option('--errored-older-than <time>', 'errored ones that ended so long ago', durationMsOf)
    .option('--limit <n>', 'most programs to delete (default: all)', numberOf)
    .option('--with-taken-over', 'also those of a table taken over that were never run since')
    .option('--dry-run', 'only count them')
    .action((_flags, command: Command) => run(() => prune(command)));
}

async function prune(command: Command): Promise<ExitCode> {
  const settings = await readSettings<PruneFlags>(command);
  const { dryRun = false } = settings.flags;
  const options = optionsOf(settings.flags);
  const pruned = await withExisting(settings, ({ executor }) => executor.prune(options));
  print(settings.flags, () => describe(pruned, dryRun), { dryRun, ...pruned });
  return EXIT.ok;
}

function optionsOf({ olderThan, erroredOlderThan, limit, withTakenOver, dryRun }: PruneFlags): PruneOptions {
  return {
    ...(olderThan !== undefined && { finishedOlderThanMs: olderThan }),
    ...(erroredOlderThan !== undefined && { erroredOlderThanMs: erroredOlderThan }),
    ...(limit !== undefined && { limit }),
    ...(withTakenOver !== undefined && { withTakenOver }),
    ...(dryRun !== undefined && { dryRun }),
  };
}

function describe({ finished, errored, attempts }: Pruned, dryRun: boolean): string {
  const what = `${finished} finished and ${errored} errored programs, with ${attempts} attempts`;
  return dryRun ? `would delete ${what}` : `deleted ${what}`;
}
