const EVERYTHING = 'build/test/**/*.test.js';

/**
 * What mocha is called with: the user's arguments, where a source file stands for its compiled one.
 * Without any file among them, all tests run. In CI a test left out, by `.only` or `.skip`, is an error.
 */
export function mochaArguments(given: readonly string[], inCi: boolean): string[] {
  const args = given.map((argument) => argument.replace(/^(?:\.\/)?(test\/.*)\.ts$/, 'build/$1.js'));
  const specs = args.some((argument) => /\.(test|fault)\.js$/.test(argument)) ? [] : [EVERYTHING];
  return [...(inCi ? ['--forbid-only', '--forbid-pending'] : []), ...args, ...specs];
}
