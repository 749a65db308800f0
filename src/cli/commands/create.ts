import { Command } from 'commander';
import { EXIT, type ExitCode } from '../exit-code.js';
import { readSettings, withExecutor } from '../open-executor.js';
import { print } from '../output.js';
import { readJsonObject } from '../read-json.js';
import { UsageError } from '../usage-error.js';
import type { Action } from './action.js';

interface CreateFlags {
  jobs: string;
  data?: string;
  jobData?: string;
  runId?: string;
}

/** `create`: creates a program. */
export function createCommand(run: Action): Command {
  return new Command('create')
    .description('create a program and print its runId')
    .requiredOption('--jobs <names>', 'the jobs in their order, separated by commas')
    .option('--data <file>', 'JSON file with the data of the program, - for standard input')
    .option('--job-data <file>', 'JSON file with the data of single jobs, by job name')
    .option('--run-id <id>', 'the id of the program (default: a new UUID)')
    .action((_flags, command: Command) => run(() => create(command)));
}

async function create(command: Command): Promise<ExitCode> {
  const settings = await readSettings<CreateFlags>(command);
  const { jobs, data, jobData, runId } = settings.flags;
  const program = {
    jobs: jobNames(jobs),
    ...(data !== undefined && { programData: await readJsonObject('--data', data) }),
    ...(jobData !== undefined && { jobData: await readJsonObject<object>('--job-data', jobData) }),
  };
  const options = runId === undefined ? {} : { runId };
  const created = await withExecutor(settings, (executor) => executor.createProgram(program, options));
  print(settings.flags, () => created, { runId: created });
  return EXIT.ok;
}

function jobNames(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  if (names.includes('')) throw new UsageError('--jobs: expected names separated by commas, such as a,b');
  return names;
}
