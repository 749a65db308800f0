import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { planTables } from '../open-existing.js';
import { readSettings, withExecutor } from '../open-executor.js';
import { print } from '../output.js';
import type { Action } from './action.js';

/** `migrate`: creates or upgrades the table. */
export function migrateCommand(run: Action): Command {
  return new Command('migrate')
    .description('create the table, or add to it what is missing; nothing is ever removed')
    .option('--dry-run', 'only print the SQL, for those who run it themselves')
    .action((_flags, command: Command) => run(() => migrate(command)));
}

async function migrate(command: Command): Promise<ExitCode> {
  const settings = await readSettings<{ dryRun?: boolean }>(command);
  const dryRun = settings.flags.dryRun ?? false;
  const statements = await (dryRun
    ? planTables(settings)
    : withExecutor(settings, (executor) => executor.migrate()));
  const text = statements.map((sql) => `${sql};`).join('\n') || '-- nothing to do';
  print(settings.flags, () => text, { dryRun, statements });
  return EXIT.ok;
}
