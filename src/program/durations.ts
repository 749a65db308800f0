export const DAY_MS = 86_400_000;

/** A leap year: what is given as a length of time and is longer is a mistake, of a unit most often. */
export const YEAR_MS = 366 * DAY_MS;
