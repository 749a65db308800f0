import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { CrashOrder, CrashReply } from './crash-order.js';
import { inheritedArguments } from './inherited-arguments.js';

const SCRIPT = fileURLToPath(new URL('./crash-process-main.js', import.meta.url));

/** The last of what a process wrote to its standard error, in characters. */
const STDERR_KEPT = 2_000;
/** For its own end, and the message that it brings, beyond the time that the program has. */
const SPARE_MS = 3_000;

/** How a process ended. */
export type ProcessEnd =
  CrashReply | { readonly kind: 'died'; readonly isKilled: boolean; readonly how: string };

/** A process that runs a program, and may be made to die by it. It boots from when it is made. */
export class CrashProcess {
  readonly #child: ChildProcess;
  #reply: CrashReply | undefined;
  #stderr = '';

  constructor() {
    this.#child = fork(SCRIPT, [], {
      execArgv: inheritedArguments(process.execArgv),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.once('message', (reply) => (this.#reply = reply as CrashReply));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
  }

  /** Resolves when the process has ended. */
  async run(order: CrashOrder): Promise<ProcessEnd> {
    const ended = once(this.#child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      this.kill();
    }, order.timeoutMs + SPARE_MS);
    // It may be dead already, which the end tells.
    this.#child.send(order, () => undefined);
    const [code, signal] = await ended;
    clearTimeout(timer);
    if (this.#reply) return this.#reply;
    const how = late.signal.aborted
      ? `did not end within ${order.timeoutMs} ms`
      : `ended with ${signal ?? `code ${code}`}`;
    return {
      kind: 'died',
      isKilled: signal === 'SIGKILL' && !late.signal.aborted,
      how: how + this.#lastWords(),
    };
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #lastWords(): string {
    const text = this.#stderr.trim();
    return text === '' ? '' : `; its standard error says:\n${text}`;
  }
}
