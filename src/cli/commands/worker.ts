import { Command } from 'commander';
import type { ExitCode } from '../exit-code.js';
import { numberOf } from '../number-of.js';
import { openExecutor, readSettings, withExecutor } from '../open-executor.js';
import { print } from '../output.js';
import { runService } from '../service/run-service.js';
import { describeServiceEvent } from '../service/service-event.js';
import { startExecutorWorker } from '../service/start-executor-worker.js';
import { resolveService, type WorkerFlags } from '../settings/resolve-service.js';
import type { Action } from './action.js';

const SIGNALS_HELP = `
SIGTERM and SIGINT drain: no further program is taken, running jobs get the grace period, then
their signal is aborted and their programs go back. A second signal ends the service within a second.
A drained service exits with 143 (SIGTERM) or 130 (SIGINT); 1 says that a worker had to be killed, that
workers kept crashing at their start, or that a job left an error which nobody handles; 2 that the configuration or the jobs are wrong.`;

/** `worker`: runs programs until a signal stops it. */
export function workerCommand(run: Action): Command {
  return new Command('worker')
    .description('run programs')
    .option('--jobs <path>', 'file or folder of the jobs')
    .option('--processes <n>', 'worker processes, watched over by a supervisor (default: 1)', numberOf)
    .option('--concurrency <n>', 'programs run at once in each process (default: 200)', numberOf)
    .option('--batch <code>', 'run the programs of this batch alone')
    .option(
      '--grace <seconds>',
      'how long running jobs may take to end after a signal (default: 10)',
      numberOf,
    )
    .addHelpText('after', SIGNALS_HELP)
    .action((_flags, command: Command) => run(() => work(command)));
}

async function work(command: Command): Promise<ExitCode> {
  const settings = await readSettings<WorkerFlags>(command);
  const service = resolveService(settings.file.worker, settings.flags);
  return runService({
    ...service,
    report: (event) => print(settings.flags, () => describeServiceEvent(event), event),
    start: async () => startExecutorWorker(openExecutor(settings), service),
    expireClaims: (workerId) => withExecutor(settings, (executor) => executor.expireClaims(workerId)),
  });
}
