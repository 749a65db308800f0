/** Prints a failure that ends nothing else; the benchmark as a whole has failed then. An interruption goes on up. */
export function reportFailure(signal: AbortSignal, what: string, error: unknown): void {
  signal.throwIfAborted();
  process.exitCode = 1;
  console.error(`${what} failed:`, error);
}
