import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 25;
const DEADLINE_MS = 45_000;

/**
 * Looks again and again until `probe` gives something other than undefined or false. A probe may reject: the
 * server that it asks may be away just now. At the deadline the last rejection is the cause.
 */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const endsAtMs = performance.now() + deadlineMs;
  let cause: unknown;
  while (performance.now() < endsAtMs) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      cause = error;
    }
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`Not within ${deadlineMs} ms: ${what}`, { cause });
}
