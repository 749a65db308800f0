import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { STRAY_REJECTION } from '../faults/harness/worker-actions.js';
import {
  ORDERS_VARIABLE,
  type Command,
  type Orders,
  type Peculiarities,
  type Report,
  type Stage,
} from './orders.js';

const SCRIPT = fileURLToPath(new URL('./worker-process.js', import.meta.url));
/** Small, so that a job that wants all memory gets it soon. */
const NODE_OPTIONS = ['--enable-source-maps', '--max-old-space-size=96'];

/** What the workers have reported, all together. */
export interface Tally {
  /** Starts of jobs, by `runId:step`. */
  readonly starts: Map<string, number>;
  /** Writes of workers that were refused, because the program was somebody else's by then. */
  refusals: number;
  /** Connections of workers to the broker. */
  connections: number;
  /** When each process that was killed died, in epoch milliseconds, by its pid. */
  readonly diedAtMs: Map<number, number>;
  /** Errors that ended a worker, and were none of its jobs'. */
  readonly crashes: string[];
}

/** The worker processes of a chaos run: some die, are frozen or leave, and others take their places. */
export class Workforce {
  readonly tally: Tally = {
    starts: new Map(),
    refusals: 0,
    connections: 0,
    diedAtMs: new Map(),
    crashes: [],
  };
  readonly #orders: Orders;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #working = new Set<ChildProcess>();
  /** Those who were told to stop, and the last that each has reported since. */
  readonly #leaving = new Map<ChildProcess, Stage | undefined>();

  constructor(orders: Orders, environment: NodeJS.ProcessEnv) {
    this.#orders = orders;
    this.#environment = { ...process.env, ...environment };
  }

  get pids(): number[] {
    return [...this.#working].map(({ pid }) => pid ?? 0);
  }

  /** How many were told to stop, and have not ended yet. */
  get leavingCount(): number {
    return this.#leaving.size;
  }

  /** Each of them, and how far it has come; one that still starts has no stage. */
  get leavers(): string[] {
    return [...this.#leaving].map(([{ pid }, stage]) => `pid ${pid}, last stage: ${stage ?? 'none'}`);
  }

  /** Starts a worker, without waiting for it; gives its pid. */
  hire(peculiarities: Peculiarities = {}, environment: NodeJS.ProcessEnv = {}): number {
    const orders: Orders = { ...this.#orders, ...peculiarities };
    const child = fork(SCRIPT, {
      env: { ...this.#environment, ...environment, [ORDERS_VARIABLE]: JSON.stringify(orders) },
      execArgv: NODE_OPTIONS,
      // What Node prints at so many deaths tells nothing; crashes are reported.
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
    });
    this.#working.add(child);
    child.on('message', (report) => this.#note(child, report as Report));
    child.once('exit', () => {
      if (child.pid !== undefined) this.tally.diedAtMs.set(child.pid, Date.now());
      this.#working.delete(child);
      this.#leaving.delete(child);
    });
    return child.pid ?? 0;
  }

  /** Frozen ones stay frozen until they are thawed. */
  signal(pid: number, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    this.#find(pid)?.kill(signal);
  }

  command(pid: number, command: Command): void {
    // One that is gone by now cannot hear it.
    this.#find(pid)?.send(command, () => undefined);
  }

  /** Asks one to stop, as an operator does. */
  dismiss(pid: number): void {
    const child = this.#find(pid);
    if (!child) return;
    this.#working.delete(child);
    this.#leaving.set(child, undefined);
    child.kill('SIGTERM');
  }

  /** Ends every process, frozen ones too. */
  async disband(): Promise<void> {
    const children = [...this.#working, ...this.#leaving.keys()];
    const exits = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(exits);
  }

  #find(pid: number): ChildProcess | undefined {
    return [...this.#working].find((child) => child.pid === pid);
  }

  #note(child: ChildProcess, report: Report): void {
    if (report.event === 'leaving' && this.#leaving.has(child)) this.#leaving.set(child, report.stage);
    if (report.event === 'refused') this.tally.refusals += 1;
    if (report.event === 'connected') this.tally.connections += 1;
    if (report.event === 'crashed' && !report.message.includes(STRAY_REJECTION))
      this.tally.crashes.push(report.message);
    if (report.event !== 'started') return;
    const key = `${report.runId}:${report.step}`;
    this.tally.starts.set(key, (this.tally.starts.get(key) ?? 0) + 1);
  }
}
