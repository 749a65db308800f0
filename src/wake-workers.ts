import type { QueueManager } from './queue-manager/index.js';

/** Each goes to one worker. */
const HINTS = 16;

/** Lets workers look for programs that can go on; those that no hint reaches do so within seconds. */
export function wakeWorkers(queue: QueueManager): void {
  void queue.ring(Array<string>(HINTS).fill('nobody'), 'more');
}
