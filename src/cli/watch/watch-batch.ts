import { setTimeout as delay } from 'node:timers/promises';
import { isOver, type BatchSummary, type Reports } from '../../program-handler/reports/index.js';
import { ProgressReader } from './progress.js';
import type { Screen } from './screen.js';

export interface WatchOptions {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Aborted once nobody can see the screen any more. */
  readonly unseen: AbortSignal;
}

/**
 * Shows a batch until it is over; resolves with how it ended, or with undefined once nobody can see it.
 * @throws Error at the timeout
 */
export async function watchBatch(
  reports: Reports,
  code: string,
  screen: Screen,
  { intervalMs, timeoutMs, unseen }: WatchOptions,
): Promise<BatchSummary | undefined> {
  const reader = new ProgressReader(reports, screen.mostErrors);
  const endsAtMs = performance.now() + timeoutMs;
  try {
    for (;;) {
      const progress = await reader.read(code);
      screen.show(progress);
      const { batch } = progress;
      if (isOver(batch.status, batch.counts)) return batch;
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) throw new Error('Watch timeout reached');
      await untilNext(Math.min(intervalMs, leftMs), unseen);
      if (unseen.aborted) return undefined;
    }
  } finally {
    screen.end();
  }
}

/** Ends early where nobody can see the screen any more. */
async function untilNext(waitMs: number, unseen: AbortSignal): Promise<void> {
  try {
    await delay(waitMs, undefined, { signal: unseen });
  } catch {
    // Only the signal ends a wait so.
  }
}
