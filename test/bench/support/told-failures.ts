/** Keeps what the benchmark tells of failures off the screen, and its exit code from the tests. */
export function toldFailures(): string[] {
  const told: string[] = [];
  const { error } = console;
  beforeEach(() => {
    console.error = (...words: unknown[]) => told.push(words.map(String).join(' '));
  });
  afterEach(() => {
    console.error = error;
    process.exitCode = undefined;
    told.length = 0;
  });
  return told;
}
