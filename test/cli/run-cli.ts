import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  stdin?: string;
}

/** The environment without what would configure the command line. */
export function plainEnv(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { DATABASE_URL: _1, AMQP_URL: _2, PE_TABLE: _3, PE_QUEUE: _4, DEBUG: _5, ...env } = process.env;
  return { ...env, ...extra };
}

/** Runs the compiled command line to its end. */
export async function runCli(
  args: readonly string[],
  { cwd, env = {}, stdin = '' }: CliOptions,
): Promise<CliResult> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: plainEnv(env) });
  child.stdin.end(stdin);
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, stdout, stderr };
}
