import type { Progress } from '../drivers/commands.js';
import type { DriverProcess } from './driver-process.js';

/** What was finished, and when the first job began and the last program ended, over all workers. */
export interface Drained {
  programs: number;
  firstJobAtMs: number;
  lastFinishedAtMs: number;
}

const STALLED_AFTER_MS = 60_000;

/** Waits until the workers together have finished so many programs; fails when nothing moves for a minute. */
export function drained(workers: readonly DriverProcess[], programs: number): Promise<Drained> {
  const progress = new Map<DriverProcess, Progress>();
  return new Promise((resolve, reject) => {
    const finished = (): number => summary([...progress.values()]).programs;
    const stalled = (): void => {
      reject(new Error(`Nothing has moved for a minute: ${finished()} of ${programs} programs are finished`));
    };
    let timer = setTimeout(stalled, STALLED_AFTER_MS).unref();
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
}

function summary(progress: readonly Progress[]): Drained {
  return {
    programs: progress.reduce((sum, { finished }) => sum + finished, 0),
    firstJobAtMs: Math.min(...progress.map(({ firstJobAtMs }) => firstJobAtMs ?? Infinity)),
    lastFinishedAtMs: Math.max(...progress.map(({ lastFinishedAtMs }) => lastFinishedAtMs ?? 0)),
  };
}
