import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./worker.js', import.meta.url));

export function forkWorker(databasePath: string): ChildProcess {
  return fork(SCRIPT, [databasePath]);
}

/** Resolves when the worker has told its id, which comes before anything else. */
export async function idOf(worker: ChildProcess): Promise<string> {
  const [id] = (await once(worker, 'message')) as [string];
  return id;
}

/** As a power failure would end it: it cannot say goodbye. */
export async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}

/** Lets it finish what it is doing. */
export async function stop(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const exited = once(worker, 'exit');
  worker.kill('SIGTERM');
  await exited;
}
