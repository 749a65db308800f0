const FIRST_CEILING_MS = 200;
/** Below 30 s, so that a fault is over within 30 s: the pause, and the attempt after it. */
const LAST_CEILING_MS = 25_000;

/**
 * How long to wait before trying again: anything between nothing and a ceiling that doubles from 0.2 s to
 * 25 s. The whole span is random ("full jitter"), so that a fleet does not come back in step.
 * @param attempt failures in a row before this one, from 0
 * @param random a number in [0, 1)
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  return Math.round(random * Math.min(LAST_CEILING_MS, FIRST_CEILING_MS * 2 ** attempt));
}
