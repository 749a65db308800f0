/** For how long ended programs are kept, in milliseconds since their end; null: for ever. */
export interface Retention {
  readonly finishedMs: number | null;
  readonly erroredMs: number | null;
}

/** What of a program decides whether it is still kept. Ages are by the database clock; null where there is no time. */
export interface AgedProgram {
  readonly id: number;
  readonly createdForMs: number | null;
  readonly finishedForMs: number | null;
  readonly erroredForMs: number | null;
  /** It waits in no line. One that was ended by hand there is, until its batch has counted it. */
  readonly isSettled: boolean;
  /** It came with a table of the older library, and was never run by this one. */
  readonly isTakenOver: boolean;
}

export type ProgramEnd = 'finished' | 'errored';

/** How a program ended that need not be kept any longer; undefined for one that is kept. */
export function endToForget(
  { finishedForMs, erroredForMs, isSettled }: AgedProgram,
  { finishedMs, erroredMs }: Retention,
): ProgramEnd | undefined {
  if (!isSettled) return undefined;
  if (finishedForMs !== null) return isOver(finishedForMs, finishedMs) ? 'finished' : undefined;
  return erroredForMs !== null && isOver(erroredForMs, erroredMs) ? 'errored' : undefined;
}

/**
 * True when even a program that ended as soon as it was created is kept, and so are all that were created later.
 * One whose creation is not known may have ended at any time.
 */
export function isTooYoung({ createdForMs }: AgedProgram, { finishedMs, erroredMs }: Retention): boolean {
  const shortestMs = Math.min(finishedMs ?? Infinity, erroredMs ?? Infinity);
  return shortestMs === Infinity || (createdForMs !== null && createdForMs < shortestMs);
}

function isOver(endedForMs: number, keptMs: number | null): boolean {
  return keptMs !== null && endedForMs >= keptMs;
}
