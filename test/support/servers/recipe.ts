import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** How to run one server program; plain JSON, so that any process of the run can stop and start it. */
export interface Recipe {
  command: string;
  args: string[];
  environment: Record<string, string>;
  folder: string;
  /** Run as this user; left out: as who we are. */
  user?: SystemUser;
  logFile: string;
  /** Holds the id of the running process, which leads its own process group. */
  pidFile: string;
  /** Ends the program in an orderly way. */
  stopSignal: NodeJS.Signals;
}

export interface SystemUser {
  uid: number;
  gid: number;
}

const STOP_DEADLINE_MS = 15_000;

/** Starts the program detached, so that neither Ctrl-C in the terminal nor the end of this process reaches it. */
export function launch(recipe: Recipe): void {
  const log = openSync(recipe.logFile, 'a');
  const child = spawn(recipe.command, recipe.args, {
    ...recipe.user,
    cwd: recipe.folder,
    env: recipe.environment,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.once('error', (error) => {
    writeFileSync(recipe.logFile, `${recipe.command}: ${error.message}\n`, { flag: 'a' });
  });
  if (child.pid === undefined) return;
  writeFileSync(recipe.pidFile, String(child.pid));
  child.unref();
}

/** Stops the program, by force after 15 s; resolves when it is gone. Does nothing when it is not running. */
export async function stop(recipe: Recipe, signal: NodeJS.Signals = recipe.stopSignal): Promise<void> {
  const pid = readPid(recipe);
  if (pid === undefined) return;
  // An orderly stop is for the leader alone; by force, nobody of its group may stay behind.
  kill(signal === 'SIGKILL' ? -pid : pid, signal);
  if (!(await isGone(pid, STOP_DEADLINE_MS))) kill(-pid, 'SIGKILL');
  await isGone(pid, STOP_DEADLINE_MS);
  rmSync(recipe.pidFile, { force: true });
}

export function isRunning(recipe: Recipe): boolean {
  const pid = readPid(recipe);
  return pid !== undefined && isAlive(pid);
}

/** The end of what the program wrote, for error messages. */
export function logTail(recipe: Recipe, lines = 15): string {
  try {
    return readFileSync(recipe.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}

function readPid({ pidFile }: Recipe): number | undefined {
  try {
    return Number(readFileSync(pidFile, 'utf8'));
  } catch {
    return undefined;
  }
}

async function isGone(pid: number, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await delay(30);
  }
  return true;
}

function isAlive(pid: number): boolean {
  return kill(pid, 0) && !isZombie(pid);
}

/** Ended, but not yet collected by a parent that may be busy or careless. */
function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, ''));
  } catch {
    return false;
  }
}

function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
