/**
 * Milliseconds of a clock that never jumps and reads the same in all threads of a process, as
 * `performance.now()` does not.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

/** Milliseconds until that clock reads `atMs`: 0 when it has. */
export function msUntil(atMs: number): number {
  return Math.max(0, atMs - monotonicMs());
}
