import { setTimeout as delay } from 'node:timers/promises';
import { isOver, type BatchSummary, type Reports } from '../../program-handler/reports/index.js';
import { ProgressReader } from './progress.js';
import type { Screen } from './screen.js';

export interface WatchTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * Shows a batch until it is over; resolves with how it ended.
 * @throws Error at the timeout
 */
export async function watchBatch(
  reports: Reports,
  code: string,
  screen: Screen,
  { intervalMs, timeoutMs }: WatchTimes,
): Promise<BatchSummary> {
  const reader = new ProgressReader(reports);
  const endsAtMs = performance.now() + timeoutMs;
  try {
    for (;;) {
      const progress = await reader.read(code);
      screen.show(progress);
      const { batch } = progress;
      if (isOver(batch.status, batch.counts)) return batch;
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) throw new Error('Watch timeout reached');
      await delay(Math.min(intervalMs, leftMs));
    }
  } finally {
    screen.end();
  }
}
