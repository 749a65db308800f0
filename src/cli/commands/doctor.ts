import { Command } from 'commander';
import { examine } from '../doctor/examine.js';
import { renderChecks } from '../doctor/render.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { withExisting } from '../open-existing.js';
import { readSettings } from '../open-executor.js';
import { print } from '../output.js';
import { coloursFor } from '../render/colours.js';
import type { Action } from './action.js';

/** `doctor`: looks for what is wrong, and says what helps. */
export function doctorCommand(run: Action): Command {
  return new Command('doctor')
    .description('check database, tables, broker and programs; exit code 4 if anything is found')
    .action((_flags, command: Command) => run(() => doctor(command)));
}

async function doctor(command: Command): Promise<ExitCode> {
  const settings = await readSettings<object>(command);
  const checks = await withExisting(settings, examine);
  print(settings.flags, () => renderChecks(checks, coloursFor(process.stdout, process.env)), { checks });
  return checks.some(({ outcome }) => outcome === 'finding') ? EXIT.findings : EXIT.ok;
}
