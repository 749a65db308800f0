import { monotonicMs } from '../../program/monotonic-clock.js';

/** Blocked for less than this is not worth a word, in milliseconds. */
const REPORT_FROM_MS = 5_000;

interface WatchdogEvents {
  /** The main thread has not turned its event loop for `maxBlockedMs`; called once for each time. */
  onTooLong(): void;
  /** It turns again, after having hung for so long. */
  onRecovered(blockedMs: number): void;
}

/** Watches from another thread that `beats` keeps counting. Stop it with `clearInterval`. */
export function watchHeartbeat(
  beats: Int32Array,
  everyMs: number,
  maxBlockedMs: number,
  events: WatchdogEvents,
): NodeJS.Timeout {
  let lastBeat = Atomics.load(beats, 0);
  let lastBeatAtMs = monotonicMs();
  let isReported = false;
  return setInterval(() => {
    const beat = Atomics.load(beats, 0);
    const blockedMs = monotonicMs() - lastBeatAtMs;
    if (beat !== lastBeat) {
      if (blockedMs >= REPORT_FROM_MS) events.onRecovered(Math.round(blockedMs));
      [lastBeat, lastBeatAtMs, isReported] = [beat, monotonicMs(), false];
    } else if (blockedMs >= maxBlockedMs && !isReported) {
      isReported = true;
      events.onTooLong();
    }
  }, everyMs);
}
