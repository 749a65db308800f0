// How both ends of the note `early` fit together: who rings trusts the worker to look again for a while.

/**
 * A worker looks again for the row of an early hint after each of these, in milliseconds; then the poll is to find it.
 * At once at first: mostly the row was committed while it looked.
 */
export const EARLY_PAUSES_MS = [0, 1, 4, 16];

/**
 * A commit that takes longer than this is rung for once more, in milliseconds. Less than the pauses come to
 * together: up to here, the worker of the early hint still looks.
 */
export const EARLY_HINT_MS = 15;
