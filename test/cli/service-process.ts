import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ServiceEvent } from '../../src/cli/service/service-event.js';

type EventOf<Name extends ServiceEvent['event']> = Extract<ServiceEvent, { event: Name }>;

/** A service started as a process of its own, followed by the events it prints. */
export class ServiceProcess {
  static readonly #started = new Set<ServiceProcess>();
  readonly events: ServiceEvent[] = [];
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #onEvent = new Set<() => void>();
  #stderr = '';

  constructor(
    script: string,
    args: readonly string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
  ) {
    this.#child = spawn(process.execPath, [script, ...args], {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exited = once(this.#child, 'close').then(() => this.#child.exitCode);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    if (this.#child.stdout)
      createInterface(this.#child.stdout).on('line', (line) => this.#take(JSON.parse(line) as ServiceEvent));
    ServiceProcess.#started.add(this);
  }

  get stderr(): string {
    return this.#stderr;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** The events of this name, as soon as there are `count` of them. */
  async seen<Name extends ServiceEvent['event']>(name: Name, count = 1): Promise<EventOf<Name>[]> {
    for (;;) {
      const found = this.events.filter((event): event is EventOf<Name> => event.event === name);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => this.#onEvent.add(resolve));
    }
  }

  /** For `afterEach`: ends what a failed test has left running. */
  static async killAll(): Promise<void> {
    const left = [...ServiceProcess.#started];
    ServiceProcess.#started.clear();
    for (const service of left) service.#killTree();
    await Promise.all(left.map((service) => service.exited));
  }

  #killTree(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    for (const pid of new Set(this.events.map((event) => event.pid))) if (pid !== this.pid) killIfThere(pid);
    this.#child.kill('SIGKILL');
  }

  #take(event: ServiceEvent): void {
    this.events.push(event);
    const waiting = [...this.#onEvent];
    this.#onEvent.clear();
    for (const wake of waiting) wake();
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
