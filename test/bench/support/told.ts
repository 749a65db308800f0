/** Keeps what the benchmark tells off the screen, and its exit code from the tests. */
export function toldBy(method: 'log' | 'error'): string[] {
  const told: string[] = [];
  const original = console[method];
  beforeEach(() => {
    console[method] = (...words: unknown[]) => told.push(words.map(String).join(' '));
  });
  afterEach(() => {
    console[method] = original;
    process.exitCode = undefined;
    told.length = 0;
  });
  return told;
}
