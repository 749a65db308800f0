/**
 * Milliseconds of a clock that never jumps and reads the same in all threads of a process, as
 * `performance.now()` does not.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}
