import { randomBytes } from 'node:crypto';
import type { Contender } from '../contenders/contender.js';
import type { DriverSettings } from '../drivers/driver.js';
import type { BenchContext } from './bench-context.js';
import { cleanServers } from './clean-servers.js';
import { differenceMs, cpuTimesMs } from './cpu-time.js';
import { DriverProcess } from './driver-process.js';
import { reportFailure } from './report-failure.js';

/** After a failure, a process may not answer any more. */
const TIDY_TIMEOUT_MS = 30_000;

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

  /** Removes what was made, and ends all processes. A failure is told: it must not hide why the run itself failed. */
  async dispose(): Promise<void> {
    const { signal } = this.context;
    try {
      if (!signal.aborted) await this.#tidy();
    } catch (error) {
      reportFailure(signal, `Tidying up after ${this.contender.label}`, error);
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
    await Promise.all(this.#living().map((process) => this.#askOrEnd(process, 'stopWorker')));
    const [janitor = await this.start('janitor'), ...others] = this.#living();
    await Promise.all(others.map((process) => this.#askOrEnd(process, 'close')));
    await janitor.askWithin(TIDY_TIMEOUT_MS, 'tearDown');
    await janitor.askWithin(TIDY_TIMEOUT_MS, 'close');
  }

  /** Who does not do it in time is ended, and works on nothing any more. */
  async #askOrEnd(process: DriverProcess, command: 'stopWorker' | 'close'): Promise<void> {
    try {
      await process.askWithin(TIDY_TIMEOUT_MS, command);
    } catch (error) {
      process.kill();
      reportFailure(this.context.signal, `${this.contender.label}, ${process.role}: ${command}`, error);
    }
  }

  #living(): DriverProcess[] {
    return this.#processes.filter(({ isAlive }) => isAlive);
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
