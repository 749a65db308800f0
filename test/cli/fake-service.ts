/** A service whose workers run no programs but behave as the tests need it. Arguments: mode, processes, graceMs, expiry, mishap. */
import cluster from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodeOf } from '../../src/cli/exit-code.js';
import type { ExpireClaims } from '../../src/cli/service/dead-workers.js';
import { runService } from '../../src/cli/service/run-service.js';
import type { RunningWorker, StartWorker } from '../../src/cli/service/run-worker.js';
import { ConfigError } from '../../src/errors/index.js';

const [, , mode = 'good', processes = '1', graceMs = '10000', expiry = 'works', mishap = 'none'] =
  process.argv;

const tell = (event: object): unknown => process.stdout.write(`${JSON.stringify(event)}\n`);

const worker = (stop: RunningWorker['stop']): RunningWorker => ({
  id: `fake:${process.pid}`,
  jobs: ['fake'],
  stop,
});

const modes: Record<string, StartWorker> = {
  /** Its jobs end as soon as they are asked to. */
  good: () => Promise.resolve(worker(() => Promise.resolve())),
  /** Its jobs only end when they are aborted. */
  busy: () => Promise.resolve(worker((timeoutMs) => sleep(timeoutMs))),
  /** Releasing its programs never ends. */
  stuck: () => Promise.resolve(worker(() => sleep(3_600_000))),
  /** Its event loop is blocked from the moment it shall stop. */
  blocked: () =>
    Promise.resolve(
      worker(() => {
        for (;;);
      }),
    ),
  /** Dies before its word that it is ready can have been read. */
  shortLived: () => {
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    return Promise.resolve(worker(() => Promise.resolve()));
  },
  /** One of its jobs ends the process, with the code that says that a configuration is wrong. */
  exiting: () => {
    setTimeout(() => process.exit(2), 50);
    return Promise.resolve(worker(() => Promise.resolve()));
  },
  /** Its jobs end when they are aborted, and one has left a rejection behind. */
  stray: () => {
    setTimeout(() => void Promise.reject(new Error('nobody handles this')), 50);
    return Promise.resolve(worker((timeoutMs) => sleep(timeoutMs)));
  },
  /** A job that shall end leaves two rejections behind. */
  strayEnd: () =>
    Promise.resolve(
      worker(async () => {
        for (const nth of ['first', 'second']) void Promise.reject(new Error(`${nth} that nobody handles`));
        await sleep(1);
      }),
    ),
  /** The first two are busy; whoever comes after them is misconfigured. */
  misconfiguredLater: () =>
    (cluster.worker?.id ?? 0) > 2
      ? Promise.reject(new ConfigError('jobs', 'none there'))
      : Promise.resolve(worker((timeoutMs) => sleep(timeoutMs))),
  failing: () => Promise.reject(new Error('the database is away')),
  misconfigured: () => Promise.reject(new ConfigError('jobs', 'none there')),
  slowStart: () => sleep(3_600_000).then(() => worker(() => Promise.resolve())),
};

/** What comes of handing over the programs of a dead worker, of which each held one. */
const expiries: Record<string, ExpireClaims> = {
  works: () => sleep(20, 1),
  fails: () => Promise.reject(new Error('the database is away')),
  hangs: () => sleep(3_600_000),
};

/** What befalls the supervisor as soon as a worker is ready. */
const mishaps: Record<string, () => void> = {
  none: () => undefined,
  nodeIsGone: () => {
    process.execPath = '/nowhere/node';
  },
  /** Larger than the system takes, which is refused in the same way as a process for which there is no memory. */
  spawnThrows: () => cluster.setupPrimary({ args: ['x'.repeat(2 ** 21)] }),
  /** From then on it tells of each process that is started. */
  clockIsSetBack: () => {
    const now = Date.now;
    Date.now = () => now() - 3_600_000;
    cluster.on('fork', ({ process: { pid } }) => tell({ event: 'forked', pid }));
  },
};
cluster.once('message', () => mishaps[mishap]?.());

try {
  const exitCode = await runService({
    processes: Number(processes),
    graceMs: Number(graceMs),
    report: tell,
    expireClaims: expiries[expiry] ?? (() => Promise.reject(new Error(`no expiry ${expiry}`))),
    start: modes[mode] ?? (() => Promise.reject(new Error(`no mode ${mode}`))),
  });
  process.exit(exitCode);
} catch (error) {
  process.exit(exitCodeOf(error));
}
