import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Inbox } from '../../support/inbox.js';
import { SPEC_VARIABLE, type Order, type Report, type WorkerSpec } from './protocol.js';

const SCRIPT = fileURLToPath(new URL('./worker-process.js', import.meta.url));

/** One worker process, and what it has reported. */
export class CrewMember {
  readonly #reports = new Inbox<Report>();
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;

  constructor(spec: WorkerSpec) {
    this.#child = fork(SCRIPT, {
      env: { ...process.env, ...spec.environment, [SPEC_VARIABLE]: JSON.stringify(spec) },
      execArgv: [...process.execArgv, ...(spec.execArgv ?? [])],
      stdio: ['inherit', 'inherit', spec.diesQuietly ? 'ignore' : 'inherit', 'ipc'],
    });
    this.#child.on('message', (report) => this.#reports.add(report as Report));
    this.#exited = once(this.#child, 'exit').then(() => this.#child.exitCode);
  }

  /** All reports of this kind so far, of one program or of any. */
  reports(event: Report['event'], runId?: string): Report[] {
    return this.#reports.items.filter(fits(event, { runId }));
  }

  /** Resolves as soon as there are `count` reports of this kind; rejects when the process ends before. */
  seen(event: Report['event'], { count = 1, ...about }: { count?: number } & About = {}) {
    return this.#unlessGone(event, this.#reports.first(count, fits(event, about)));
  }

  /** Resolves with the exit code, null after a signal. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** It loaded everything; now it makes its table and runs programs. */
  go(): Promise<unknown> {
    this.#order('go');
    return this.seen('ready');
  }

  /** Lets jobs that hold end. */
  openGate(): void {
    this.#order('openGate');
  }

  /** Ends it as a power failure would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Stops it in the middle of whatever it does, all of its threads. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Ends `freeze`. */
  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  /** Asks it to stop, as an operator does. Resolves with its exit code. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.#exited;
  }

  #unlessGone<T>(what: string, report: Promise<T>): Promise<T> {
    const gone = this.#exited.then((code): never => {
      throw new Error(`A worker ended, with code ${code}, before it reported "${what}"`);
    });
    return Promise.race([report, gone]);
  }

  #order(order: Order): void {
    this.#child.send(order);
  }
}

/** What a report is about; what is left out may be anything. */
interface About {
  readonly runId?: string | undefined;
  readonly action?: string | undefined;
  readonly job?: string | undefined;
}

function fits(event: Report['event'], about: About): (report: Report) => boolean {
  const wanted = Object.entries({ event, ...about }).filter(([, value]) => value !== undefined);
  return (report) => wanted.every(([key, value]) => report[key as keyof Report] === value);
}

/** The worker processes of one scenario. */
export class Crew {
  readonly members: CrewMember[] = [];
  /** What every worker is told, unless it is told otherwise. */
  readonly defaults: WorkerSpec;

  constructor(defaults: WorkerSpec) {
    this.defaults = defaults;
  }

  /** Resolves when the worker runs programs. */
  async start(changes: Partial<WorkerSpec> = {}): Promise<CrewMember> {
    const member = await this.prepare(changes);
    await member.go();
    return member;
  }

  /** Resolves when the process has loaded everything and waits for `go`. */
  async prepare(changes: Partial<WorkerSpec> = {}): Promise<CrewMember> {
    const member = new CrewMember({ ...this.defaults, ...changes });
    this.members.push(member);
    await member.seen('loaded');
    return member;
  }

  /** All reports of this kind, of all workers, of one program or of any. */
  reports(event: Report['event'], runId?: string): Report[] {
    return this.members.flatMap((member) => member.reports(event, runId));
  }

  /** Ends every process, frozen ones too. */
  async disband(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
  }
}
