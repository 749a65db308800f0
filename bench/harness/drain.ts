import type { Progress } from '../drivers/commands.js';
import type { DriverProcess } from './driver-process.js';

/** What was finished, and when the first job began and the last program ended, over all workers. */
export interface Drained {
  programs: number;
  firstJobAtMs: number;
  lastFinishedAtMs: number;
}

type Worker = Pick<DriverProcess, 'ask' | 'onEnd' | 'onProgress'>;

const STALLED_AFTER_MS = 60_000;

/** Starts the workers, and waits until together they have finished so many programs. */
export async function drain(workers: readonly Worker[], programs: number): Promise<Drained> {
  // All at once: when a start fails, the processes are ended, which then fails the other wait as well.
  const [result] = await Promise.all([
    drained(workers, programs),
    ...workers.map((worker) => worker.ask('startWorker')),
  ]);
  return result;
}

/** Fails when a worker ends, or nothing moves for a minute. */
function drained(workers: readonly Worker[], programs: number): Promise<Drained> {
  const progress = new Map<Worker, Progress>();
  let timer: NodeJS.Timeout | undefined;
  const result = new Promise<Drained>((resolve, reject) => {
    const finished = (): number => summary([...progress.values()]).programs;
    const stalled = (): void => {
      reject(new Error(`Nothing has moved for a minute: ${finished()} of ${programs} programs are finished`));
    };
    timer = setTimeout(stalled, STALLED_AFTER_MS).unref();
    for (const worker of workers) {
      worker.onEnd = reject;
      worker.onProgress = (latest) => {
        progress.set(worker, latest);
        clearTimeout(timer);
        if (finished() >= programs) resolve(summary([...progress.values()]));
        else timer = setTimeout(stalled, STALLED_AFTER_MS).unref();
      };
    }
  });
  return result.finally(() => {
    clearTimeout(timer);
  });
}

function summary(progress: readonly Progress[]): Drained {
  return {
    programs: progress.reduce((sum, { finished }) => sum + finished, 0),
    firstJobAtMs: Math.min(...progress.map(({ firstJobAtMs }) => firstJobAtMs ?? Infinity)),
    lastFinishedAtMs: Math.max(...progress.map(({ lastFinishedAtMs }) => lastFinishedAtMs ?? 0)),
  };
}
