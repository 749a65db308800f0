import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SystemUser } from '../recipe.js';

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  user?: SystemUser | undefined;
  signal?: AbortSignal | undefined;
}

const run = promisify(execFile);

/** Runs a program to its end and gives its output; when it fails, the error holds the end of that output. */
export async function runProgram(command: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { user, ...rest } = options;
  try {
    const { stdout } = await run(command, args, { ...rest, ...user, maxBuffer: 64 << 20 });
    return stdout;
  } catch (error) {
    options.signal?.throwIfAborted();
    const {
      stdout = '',
      stderr = '',
      message,
    } = error as Partial<Record<'stdout' | 'stderr' | 'message', string>>;
    const output = `${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`${command} failed:\n${output || message}`, { cause: error });
  }
}
