/** Prints a result to stdout: text for people, or with `--json` one line of JSON for programs. */
export function print(options: { json?: boolean }, text: string, value: unknown): void {
  process.stdout.write(`${options.json ? JSON.stringify(value) : text}\n`);
}
