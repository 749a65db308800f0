import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Contender } from '../contenders/contender.js';
import type { DriverSettings } from '../drivers/driver.js';
import type { BenchContext } from './bench-context.js';
import { cleanServers } from './clean-servers.js';
import { differenceMs, cpuTimesMs } from './cpu-time.js';
import { DriverProcess } from './driver-process.js';

/** After a failure, a process may not answer any more. */
const DISPOSE_TIMEOUT_MS = 30_000;

/** One run of one contender, with tables and queues of its own. */
export class Session {
  readonly settings: DriverSettings;
  readonly #processes: DriverProcess[] = [];

  constructor(
    readonly context: BenchContext,
    readonly contender: Contender,
  ) {
    const { urls, folder } = context;
    const name = `bench_${randomBytes(5).toString('hex')}`;
    this.settings = { urls, folder, name, options: contender.options };
  }

  /** Starts a process with the contender's driver in it. */
  async start(role: string): Promise<DriverProcess> {
    this.context.signal.throwIfAborted();
    const process = new DriverProcess(role, this.context.nodePath);
    this.#processes.push(process);
    await process.ask('open', { modulePath: this.contender.modulePath, settings: this.settings });
    return process;
  }

  /** Lets go of the process's connections in an orderly way. */
  async end(process: DriverProcess): Promise<void> {
    await process.ask('close');
    process.kill();
    this.#processes.splice(this.#processes.indexOf(process), 1);
  }

  /** CPU time that `work` takes in each process of this session and in each server it uses, in milliseconds. */
  async cpuMsOf(work: () => Promise<void>): Promise<Record<string, number>> {
    const pids = this.#pids();
    const before = cpuTimesMs(pids);
    await work();
    return differenceMs(before, cpuTimesMs(pids));
  }

  /** Removes what was made, and ends all processes. */
  async dispose(): Promise<void> {
    try {
      await Promise.race([this.#tidy(), delay(DISPOSE_TIMEOUT_MS, undefined, { ref: false })]);
    } finally {
      this.kill();
    }
  }

  /** Ends all processes at once. */
  kill(): void {
    for (const process of this.#processes) process.kill();
  }

  /** Nobody works on a table any more when it goes. */
  async #tidy(): Promise<void> {
    const [janitor, ...others] = this.#processes;
    this.context.signal.throwIfAborted();
    await Promise.all(this.#processes.map((process) => process.ask('stopWorker')));
    await Promise.all(others.map((process) => process.ask('close')));
    await janitor?.ask('tearDown');
    await janitor?.ask('close');
  }

  #pids(): Record<string, number> {
    const { serverPids } = this.context;
    const servers = this.contender.servers.flatMap((name) => {
      const pid = serverPids[name];
      return pid === undefined ? [] : [[name, pid] as const];
    });
    return Object.fromEntries([...this.#processes.map(({ role, pid }) => [role, pid] as const), ...servers]);
  }
}

/** Runs `measure` in a fresh session; nothing of it stays behind, also after a failure. */
export async function withSession<T>(
  context: BenchContext,
  contender: Contender,
  measure: (session: Session) => Promise<T>,
): Promise<T> {
  await cleanServers(context.urls, contender.servers);
  const session = new Session(context, contender);
  const kill = (): void => {
    session.kill();
  };
  context.signal.addEventListener('abort', kill, { once: true });
  try {
    return await measure(session);
  } finally {
    await session.dispose();
    context.signal.removeEventListener('abort', kill);
  }
}
