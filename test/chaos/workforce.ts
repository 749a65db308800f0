import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ORDERS_VARIABLE, type Orders, type Report } from './orders.js';

const SCRIPT = fileURLToPath(new URL('./worker-process.js', import.meta.url));

/** What is different with one worker. */
export type Peculiarities = Pick<Orders, 'dieAt' | 'clockShiftMs'>;

/** What the workers have reported, all together. */
export interface Tally {
  /** Starts of jobs, by `runId:step`. */
  readonly starts: Map<string, number>;
  /** Writes of workers that were refused, because the program was somebody else's by then. */
  refusals: number;
  /** When each process that was killed died, in epoch milliseconds, by its pid. */
  readonly diedAtMs: Map<number, number>;
}

/** The worker processes of a chaos run: some die, are frozen or leave, and others take their places. */
export class Workforce {
  readonly tally: Tally = { starts: new Map(), refusals: 0, diedAtMs: new Map() };
  readonly #orders: Omit<Orders, keyof Peculiarities>;
  readonly #working = new Set<ChildProcess>();
  readonly #leaving = new Set<ChildProcess>();

  constructor(orders: Omit<Orders, keyof Peculiarities>) {
    this.#orders = orders;
  }

  get pids(): number[] {
    return [...this.#working].map(({ pid }) => pid ?? 0);
  }

  /** Starts a worker; does not wait for it. */
  hire(peculiarities: Peculiarities = { clockShiftMs: 0 }): void {
    const orders: Orders = { ...this.#orders, ...peculiarities };
    const child = fork(SCRIPT, { env: { ...process.env, [ORDERS_VARIABLE]: JSON.stringify(orders) } });
    this.#working.add(child);
    child.on('message', (report) => this.#note(report as Report));
    child.once('exit', () => {
      if (child.pid !== undefined) this.tally.diedAtMs.set(child.pid, Date.now());
      this.#working.delete(child);
      this.#leaving.delete(child);
    });
  }

  /** Frozen ones stay frozen until they are thawed. */
  signal(pid: number, signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    for (const child of this.#working) if (child.pid === pid) child.kill(signal);
  }

  /** Asks one to stop, as an operator does. */
  dismiss(pid: number): void {
    for (const child of this.#working) {
      if (child.pid !== pid) continue;
      this.#working.delete(child);
      this.#leaving.add(child);
      child.kill('SIGTERM');
    }
  }

  /** Ends every process, frozen ones too. */
  async disband(): Promise<void> {
    const children = [...this.#working, ...this.#leaving];
    const exits = children.map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGKILL');
    await Promise.all(exits);
  }

  #note(report: Report): void {
    if (report.event === 'refused') this.tally.refusals += 1;
    if (report.event !== 'started') return;
    const key = `${report.runId}:${report.step}`;
    this.tally.starts.set(key, (this.tally.starts.get(key) ?? 0) + 1);
  }
}
