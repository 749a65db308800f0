import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { coloursFor } from '../render/colours.js';
import { renderWorkers } from '../render/worker-list.js';
import type { Action } from './action.js';

/** `workers`: who runs programs. */
export function workersCommand(run: Action): Command {
  return new Command('workers')
    .description('list workers, those included that died within the last day')
    .action((_flags, command: Command) => run(() => workers(command)));
}

async function workers(command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const found = await withExisting(settings, ({ executor }) => executor.workers());
  print(settings.flags, () => renderWorkers(found, coloursFor(process.stdout, process.env)), {
    workers: found,
  });
  return EXIT.ok;
}
