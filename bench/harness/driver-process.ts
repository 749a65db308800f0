import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Commands, Progress, Reply } from '../drivers/commands.js';

const HOST = fileURLToPath(new URL('../drivers/host.js', import.meta.url));

type Argument<Name extends keyof Commands> = Parameters<Commands[Name]>;
type Result<Name extends keyof Commands> = ReturnType<Commands[Name]>;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** Whatever a system is asked for takes seconds: one that hangs must not hang the benchmark. */
const ANSWER_TIMEOUT_MS = 600_000;

/** A process that plays producer, worker or both for one system. */
export class DriverProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: Error | undefined;
  onProgress: (progress: Progress) => void = () => undefined;
  onEnd: (error: Error) => void = () => undefined;

  constructor(
    readonly role: string,
    nodePath: string,
  ) {
    this.#child = fork(HOST, [], {
      execPath: nodePath,
      execArgv: ['--enable-source-maps', '--no-deprecation'],
    });
    this.#child.on('message', (reply: Reply) => {
      this.#take(reply);
    });
    this.#child.once('exit', (code, signal) => {
      this.#end(new Error(`The ${role} process ended (${signal ?? code})`));
    });
    this.#child.on('error', (error) => {
      this.#end(new Error(`The ${role} process failed`, { cause: error }));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** False as soon as it is being ended. */
  get isAlive(): boolean {
    return !this.#ended && !this.#child.killed;
  }

  ask<Name extends keyof Commands>(command: Name, ...argument: Argument<Name>): Result<Name> {
    return this.askWithin(ANSWER_TIMEOUT_MS, command, ...argument);
  }

  /** Rejects when the answer takes longer. */
  askWithin<Name extends keyof Commands>(
    timeoutMs: number,
    command: Name,
    ...[argument]: Argument<Name>
  ): Result<Name> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#ended) throw this.#ended;
      const tooLate = (): void => {
        this.#waiting.delete(id);
        reject(new Error(`${this.role}: no answer to ${command} within ${timeoutMs / 1_000} s`));
      };
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(tooLate, timeoutMs) });
      // A request fails to go out when the process ends: how it ended says more, and is told at once.
      this.#child.send({ id, command, argument }, () => undefined);
    }) as Result<Name>;
  }

  /** Ends the process, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #take(reply: Reply): void {
    if ('progress' in reply) {
      this.onProgress(reply.progress);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting.reject(new Error(`${this.role}: ${reply.error}`));
    else waiting.resolve(reply.result);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#ended);
    }
    this.#waiting.clear();
    this.onEnd(this.#ended);
  }
}
