import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Commands, Progress, Reply } from '../drivers/commands.js';

const HOST = fileURLToPath(new URL('../drivers/host.js', import.meta.url));

type Argument<Name extends keyof Commands> = Parameters<Commands[Name]>;
type Result<Name extends keyof Commands> = ReturnType<Commands[Name]>;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/** A process that plays producer, worker or both for one system. */
export class DriverProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
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
      const error = new Error(`The ${role} process ended (${signal ?? code})`);
      this.#failAll(error);
      this.onEnd(error);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask<Name extends keyof Commands>(command: Name, ...[argument]: Argument<Name>): Result<Name> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, command, argument }, (error) => {
        if (error) this.#failAll(error);
      });
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
    this.#waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(`${this.role}: ${reply.error}`));
    else waiting?.resolve(reply.result);
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
