/** Prints a result to stdout: text for people, or with `--json` one line of JSON for programs. */
export function print(options: { json?: boolean }, text: string, value: unknown): void {
  process.stdout.write(`${options.json ? JSON.stringify(value) : text}\n`);
}

/** Ends when what the work has printed is read or nobody reads it: the end of the process drops what a pipe still holds. */
export async function thenFlush<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  }
}
