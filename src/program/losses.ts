/** Losses in a row on one step after which a program fails. */
const MAX_LOSSES = 3;
/** Losses in a row on one step from which on a program does not run beside others like it. */
const SUSPECT_FROM = 2;

/** It is likely that the job itself kills its workers: it is not tried again. */
export function isLostTooOften(lostCount: number): boolean {
  return lostCount > MAX_LOSSES;
}

/** Its job may have killed its workers, and is to be tried without others like it beside it. */
export function isSuspect(lostCount: number): boolean {
  return lostCount >= SUSPECT_FROM && !isLostTooOften(lostCount);
}
