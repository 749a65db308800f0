import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { within } from '../within.js';
import type { CrashOrder, CrashReply } from './crash-order.js';
import { inheritedArguments } from './inherited-arguments.js';

const SCRIPT = fileURLToPath(new URL('./crash-process-main.js', import.meta.url));

/** The last of what a process wrote to its standard error, in characters. */
const STDERR_KEPT = 2_000;
/** For its own end, and the message that it brings, beyond the time that the program has. */
const SPARE_MS = 3_000;

/** How long its pipes may outlive it, in milliseconds: what a job has started may hold them open. */
const PIPES_MS = 1_000;

type ExitStatus = [code: number | null, signal: NodeJS.Signals | null];

/** How a process ended. */
export type ProcessEnd =
  CrashReply | { readonly kind: 'died'; readonly isKilled: boolean; readonly how: string };

/** A process that runs a program, and may be made to die by it. It boots from when it is made. */
export class CrashProcess {
  /** Its exit code and its signal. It may be over before `run` is called. */
  readonly ended: Promise<ExitStatus>;
  readonly #child: ChildProcess;
  #reply: CrashReply | undefined;
  #stderr = '';

  constructor() {
    this.#child = fork(SCRIPT, [], {
      execArgv: inheritedArguments(process.execArgv),
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.ended = endOf(this.#child);
    // Whoever runs it hears of it; one that is not needed is let go.
    this.ended.catch(() => undefined);
    this.#child.once('message', (reply) => (this.#reply = reply as CrashReply));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
  }

  /** Resolves when the process has ended. */
  async run(order: CrashOrder): Promise<ProcessEnd> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
      this.kill();
    }, order.timeoutMs + SPARE_MS);
    // It may be dead already, which the end tells.
    this.#child.send(order, () => undefined);
    const [code, signal] = await this.ended.finally(() => clearTimeout(timer));
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

/** With all that it has said. */
async function endOf(child: ChildProcess): Promise<ExitStatus> {
  // A process that could not be started is told of by the other one.
  const closed = once(child, 'close').catch(() => undefined);
  const status = (await once(child, 'exit')) as ExitStatus;
  await within(PIPES_MS, closed);
  // Held open by another process, it would keep this one from ending.
  child.stderr?.destroy();
  await closed;
  return status;
}
