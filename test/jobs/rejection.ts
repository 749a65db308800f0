import { ProgramExecutorError } from '../../src/errors/index.js';

/** The error of this package that `work` ends with; anything else fails the test. */
export async function errorOf(work: () => unknown): Promise<ProgramExecutorError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ProgramExecutorError) return error;
    throw error;
  }
  throw new Error('expected an error, got none');
}
