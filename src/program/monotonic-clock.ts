/**
 * Milliseconds of a clock that never jumps and reads the same in all threads of a process, as
 * `performance.now()` does not.
 */
export function monotonicMs(): number {
  // As two numbers: a bigint takes half as long again, several times a job.
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}

/** Milliseconds until that clock reads `atMs`: 0 when it has. */
export function msUntil(atMs: number): number {
  return Math.max(0, atMs - monotonicMs());
}
