/** When a worker process that ended unasked is started again. Pure: times are arguments. */

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** A worker that was ready for so long has proved that starting it works. */
const HEALTHY_AFTER_MS = 60_000;
const MAX_CRASHES_AT_START = 6;

/** How one worker process ended. */
export interface WorkerRun {
  /** How long it had been ready; undefined when it never was. */
  readonly readyForMs: number | undefined;
}

/** The crashes in a row of one place in the fleet, this one included; a minute of health forgets the earlier ones. */
export function countCrash(crashesBefore: number, run: WorkerRun): number {
  return (run.readyForMs ?? 0) >= HEALTHY_AFTER_MS ? 1 : crashesBefore + 1;
}

/** 0.5 s after the first crash, doubling to 30 s. */
export function restartDelayMs(crashesInARow: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** (crashesInARow - 1), MAX_DELAY_MS);
}

/** True when nothing suggests that a further start would go better: no worker was ever ready. */
export function isHopeless(crashesInARow: number, anyWasReady: boolean): boolean {
  return !anyWasReady && crashesInARow >= MAX_CRASHES_AT_START;
}
