import { setTimeout as delay } from 'node:timers/promises';
import type { DriverProcess } from '../../harness/driver-process.js';

type Producer = Pick<DriverProcess, 'ask'>;
type Worker = Pick<DriverProcess, 'onEnd' | 'onProgress'>;

const CHUNK = 2_000;
const CALLERS = 50;
/** Enough that the worker never waits, and not so many that the run is about its backlog. */
const MOST_WAITING = 20_000;

/** Creates for so long as fast as the worker finishes; gives how many it finished. Fails when the worker ends. */
export async function keepBusy(
  producer: Producer,
  worker: Worker,
  forMs: number,
  signal: AbortSignal,
): Promise<number> {
  const endAtMs = performance.now() + forMs;
  let created = 0;
  let finished = 0;
  let ended: Error | undefined;
  worker.onProgress = (progress) => (finished = progress.finished);
  worker.onEnd = (error) => (ended = error);
  while (performance.now() < endAtMs) {
    signal.throwIfAborted();
    if (ended) throw ended;
    if (created - finished > MOST_WAITING) await delay(10);
    else {
      await producer.ask('create', { count: CHUNK, callers: CALLERS });
      created += CHUNK;
    }
  }
  return finished;
}
