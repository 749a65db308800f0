import cluster from 'node:cluster';
import throng from 'throng';
import { STOP_SIGNALS, type ExitCode } from '../exit-code.js';
import { deferred } from './deferred.js';
import { DeadWorkers, type ExpireClaims } from './dead-workers.js';
import type { ReadyMessage } from './fleet.js';
import { runWorker, type StartWorker } from './run-worker.js';
import type { Report } from './service-event.js';
import { stopOnSignals, stopOnSupervisor } from './stop-request.js';
import { Supervisor } from './supervisor.js';

export interface ServiceOptions {
  /** 1: the worker runs in this process; more: in forked ones, under a supervisor. */
  readonly processes: number;
  readonly graceMs: number;
  readonly report: Report;
  readonly start: StartWorker;
  /** For the supervisor, where there is one. */
  readonly expireClaims: ExpireClaims;
}

/** Longer than any drain, and the longest a timer can be: the supervisor's deadline is the one that counts. */
const NEVER_MS = 2 ** 31 - 1;

/** Runs workers until a signal stops them, and gives the exit code. */
export async function runService(options: ServiceOptions): Promise<ExitCode> {
  // Waiting for a signal alone does not keep a process alive.
  const alive = setInterval(() => undefined, NEVER_MS);
  try {
    return await (cluster.isWorker ? runForkedWorker(options) : runHere(options));
  } finally {
    clearInterval(alive);
  }
}

function runHere(options: ServiceOptions): Promise<ExitCode> {
  return options.processes === 1 ? runWorker(options.start, stopOnSignals(), options) : supervise(options);
}

/** throng forks the workers and passes signals on; reviving them and ending are the supervisor's. */
async function supervise(options: ServiceOptions): Promise<ExitCode> {
  const { graceMs, report, expireClaims } = options;
  const supervisor = new Supervisor(graceMs, report, new DeadWorkers(expireClaims, report));
  const running = supervisor.run(stopOnSignals());
  await throng({
    count: options.processes,
    signals: [...STOP_SIGNALS],
    // Until when it revives workers, as its own clock, the wall's, has it: that may be set back.
    lifetime: -Infinity,
    grace: NEVER_MS,
    worker: () => undefined,
  });
  return running;
}

async function runForkedWorker(options: ServiceOptions): Promise<ExitCode> {
  // Node would exit at once when the supervisor dies; a worker drains then.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  const stop = stopOnSupervisor();
  const ended = deferred<Promise<ExitCode>>();
  const onReady = (workerId: string): void => {
    const message: ReadyMessage = { event: 'ready', workerId };
    // Without the callback, a supervisor that has just died would be an uncaught error.
    process.send?.(message, undefined, undefined, () => undefined);
  };
  await throng({
    worker: () => ended.resolve(runWorker(options.start, stop, { ...options, onReady })),
  });
  return ended.promise;
}
