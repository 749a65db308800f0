/** The command line asks for something that cannot be done as written. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
